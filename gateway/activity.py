"""How busy the models were in the last hour, minute by minute, from what is counted in memory anyway."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from prometheus_client import Counter, Histogram
from pydantic import BaseModel, ConfigDict, Field

from gateway.metrics import FAULTS, GatewayMetrics
from shared.tasks import end_task

STEP_S = 60
_MINUTES = 60
_Buckets = Sequence[tuple[float, float]]
"""(upper bound in seconds, how many took no longer), the bounds rising to infinity."""


class Point(BaseModel):
    """One minute, or what there is of it yet. Times are of the answers, and of the system's own errors."""

    at: datetime = Field(description="when it began")
    requests: int
    errors: int = Field(description="those that failed by the system's doing")
    p50_ms: float | None
    p95_ms: float | None


class Activity(BaseModel):
    """Of this gateway process alone, oldest first."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    step_s: int = STEP_S
    models: dict[str, list[Point]]


class _Counted(NamedTuple):
    """Of one model since the start."""

    requests: float = 0
    errors: float = 0
    buckets: _Buckets = ()


class _Sample(NamedTuple):
    at: datetime
    models: Mapping[str, _Counted]


class ActivityLog:
    """Notes each minute what has been counted. Without ``enabled`` it notes nothing."""

    def __init__(self, metrics: GatewayMetrics, *, enabled: bool) -> None:
        self._metrics = metrics
        self._enabled = enabled
        self._samples: deque[_Sample] = deque(maxlen=_MINUTES)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._enabled:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        await end_task(self._task)

    def activity(self, models: Iterable[str]) -> Activity:
        """Of ``models``, and of those that were asked besides."""
        if not self._samples:
            return Activity(models={model: [] for model in models})
        samples = [*self._samples, self._sample()]
        names = sorted({*models, *samples[-1].models})
        return Activity(models={name: [_point(name, *two) for two in pairwise(samples)] for name in names})

    async def _run(self) -> None:
        while True:
            self.note()
            await asyncio.sleep(_until_next(time.time()))

    def note(self) -> None:
        """A minute ends here, and the next begins."""
        self._samples.append(self._sample())

    def _sample(self) -> _Sample:
        requests, errors = _requests(self._metrics.model_requests)
        buckets = _buckets(self._metrics.model_duration)
        names = {*requests, *buckets}
        counted = {name: _Counted(requests.get(name, 0), errors.get(name, 0), buckets.get(name, ())) for name in names}
        return _Sample(datetime.now(UTC), counted)


def _until_next(now: float) -> float:
    """Seconds to the next full minute, or to the one after when that is less than a second: sleep may end early."""
    return STEP_S + 1 - (now + 1) % STEP_S


def _requests(counter: Counter) -> tuple[dict[str, float], dict[str, float]]:
    """Model → requests, and → those that failed."""
    requests: dict[str, float] = {}
    errors: dict[str, float] = {}
    for sample in next(iter(counter.collect())).samples:
        if sample.name.endswith("_total"):
            model = sample.labels["model"]
            requests[model] = requests.get(model, 0) + sample.value
            if sample.labels["outcome"] in FAULTS:
                errors[model] = errors.get(model, 0) + sample.value
    return requests, errors


def _buckets(histogram: Histogram) -> dict[str, _Buckets]:
    found: dict[str, list[tuple[float, float]]] = {}
    for sample in next(iter(histogram.collect())).samples:
        if sample.name.endswith("_bucket"):
            found.setdefault(sample.labels["model"], []).append((float(sample.labels["le"]), sample.value))
    return dict(found)


def _point(model: str, before: _Sample, after: _Sample) -> Point:
    old, new = before.models.get(model, _Counted()), after.models.get(model, _Counted())
    buckets = [(bound, count - was) for (bound, count), was in zip(new.buckets, _counts(old, new), strict=True)]
    return Point(
        at=before.at,
        # a version that is forgotten takes its counts with it
        requests=max(0, round(new.requests - old.requests)),
        errors=max(0, round(new.errors - old.errors)),
        p50_ms=_milliseconds(quantile(0.5, buckets)),
        p95_ms=_milliseconds(quantile(0.95, buckets)),
    )


def _counts(old: _Counted, new: _Counted) -> list[float]:
    return [count for _, count in old.buckets] or [0.0] * len(new.buckets)


def quantile(share: float, buckets: _Buckets) -> float | None:
    """As PromQL's ``histogram_quantile``: within a bucket as if its values were spread evenly, from 0 in the first;
    the highest bound for what is above it; None when there is nothing."""
    total = buckets[-1][1] if buckets else 0
    if total <= 0:
        return None
    rank, lower, below = share * total, 0.0, 0.0
    for bound, count in buckets:
        if count >= rank:
            return lower if math.isinf(bound) else lower + (bound - lower) * (rank - below) / (count - below)
        lower, below = bound, count
    return lower


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
