"""What a gateway's metrics say of each model: how often it is asked, how often it fails, how long it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

_REQUESTS = "model_requests"
_DURATION = "model_request_duration_seconds"
_BEGAN = "process_start_time_seconds"
_FAULTS = ("internal_error", "model_unavailable", "overloaded", "timeout")
"""Outcomes that are the system's fault and not the caller's: answered with 5xx."""


@dataclass(frozen=True)
class Figures:
    """Of one model. ``buckets``: upper bound in seconds → requests that took no longer."""

    requests: float = 0.0
    faults: float = 0.0
    buckets: Mapping[float, float] = field(default_factory=dict)

    def since(self, before: Figures) -> Figures:
        """What came after ``before``; all of it when the gateway has started anew meanwhile."""
        if before.requests > self.requests:
            return self
        buckets = {bound: count - before.buckets.get(bound, 0.0) for bound, count in self.buckets.items()}
        return Figures(self.requests - before.requests, self.faults - before.faults, buckets)

    @property
    def failing(self) -> float | None:
        """The share that failed, 0…1; None when nothing was asked."""
        return self.faults / self.requests if self.requests else None

    def quantile(self, share: float) -> float | None:
        """Seconds that ``share`` of the requests did not exceed, as Prometheus's histogram_quantile tells it."""
        bounds = sorted(self.buckets)
        total = self.buckets[bounds[-1]] if bounds else 0.0
        if not total:
            return None
        rank, below, lower = share * total, 0.0, 0.0
        for bound in bounds:
            count = self.buckets[bound]
            if count >= rank:
                return lower if math.isinf(bound) else lower + (bound - lower) * (rank - below) / (count - below)
            below, lower = count, bound
        return None


@dataclass(frozen=True)
class Reading:
    """Model → figures, of the last ``seconds``; since the gateway's start with None.

    ``one_of_several``: several gateways answer at the address, and these are one's.
    """

    figures: Mapping[str, Figures]
    seconds: float | None = None
    one_of_several: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What one process says. ``process``: when it began, which no other of the same address shares."""

    process: float
    figures: Mapping[str, Figures]


def read_snapshot(text: str) -> Snapshot:
    """Of an exposition in Prometheus's text form. Raises ValueError for what is none."""
    families = {family.name: family for family in text_string_to_metric_families(text)}
    found: dict[str, Figures] = {}
    buckets = _buckets(_samples(families, _DURATION))
    for labels, value in _counts(_samples(families, _REQUESTS)):
        model = labels.get("model", "")
        known = found.get(model, Figures(buckets=buckets.get(model, {})))
        faults = value if labels.get("outcome") in _FAULTS else 0.0
        found[model] = Figures(known.requests + value, known.faults + faults, known.buckets)
    began = next((value for _, _, value in _samples(families, _BEGAN)), 0.0)
    return Snapshot(began, found)


def _samples(families: Mapping[str, Metric], name: str) -> Iterable[tuple[str, Mapping[str, str], float]]:
    family = families.get(name)
    return ((sample.name, sample.labels, float(sample.value)) for sample in (family.samples if family else ()))


def _counts(samples: Iterable[tuple[str, Mapping[str, str], float]]) -> Iterable[tuple[Mapping[str, str], float]]:
    return ((labels, value) for name, labels, value in samples if name.endswith("_total"))


def _buckets(samples: Iterable[tuple[str, Mapping[str, str], float]]) -> dict[str, dict[float, float]]:
    found: dict[str, dict[float, float]] = {}
    for name, labels, value in samples:
        if name.endswith("_bucket"):
            of_model = found.setdefault(labels.get("model", ""), {})
            bound = float(labels["le"])
            of_model[bound] = of_model.get(bound, 0.0) + value
    return found
