"""One prediction at the gateway: from the cache, from a neighbour's request for the same, or from an instance."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial

from gateway.admission.places import Places
from gateway.cache import PredictionCache, SingleFlight
from gateway.metrics import GatewayMetrics
from gateway.monitor import Monitor
from gateway.routing.upstream import Call, Upstream
from gateway.settings import GatewaySettings
from shared.contract import Prediction, Timing
from shared.errors import DeadlineExceeded
from shared.http.context import request_id
from shared.http.deadline import Deadline
from shared.tracing.trace import add_span
from shared.version import VERSION

CACHE = "doctorai.cache.outcome"


@dataclass(frozen=True)
class Asked:
    """What is to be predicted: ``digest`` is the input's, keyed, and what is asked of it."""

    service: str
    call: Call
    digest: str
    deadline: Deadline
    fresh: bool = False
    kept: bool = True


class Predictions:
    """``fresh`` asks for a new inference (Cache-Control: no-cache), ``kept`` False leaves none behind (no-store)."""

    def __init__(
        self,
        settings: GatewaySettings,
        monitor: Monitor,
        upstream: Upstream,
        cache: PredictionCache | None,
        metrics: GatewayMetrics,
    ) -> None:
        self._settings = settings
        self._monitor = monitor
        self._upstream = upstream
        self._cache = cache
        self._metrics = metrics
        self._flights = SingleFlight()
        self._places: dict[str, Places] = {}

    async def predict(self, asked: Asked) -> Prediction:
        """Raises what Upstream does, and Overloaded when the model has as much in hand as it may."""
        started = time.perf_counter()
        prediction, outcome = await self._predict(asked)
        self._metrics.cache.labels(self._monitor.model_of(asked.service), outcome).inc()
        prediction.timing_ms.total = round((time.perf_counter() - started) * 1000, 2)
        return prediction

    async def _predict(self, asked: Asked) -> tuple[Prediction, str]:
        """The prediction, and what the cache had."""
        key = _key(asked, self._weights(asked.service))
        if self._cache is None or asked.fresh or not asked.kept or key is None:
            return await self._infer(asked), "bypass"
        began = time.perf_counter()
        if found := await self._cache.get(key):
            add_span("cache", began, time.perf_counter(), {CACHE: "hit"})
            return _again(found), "hit"
        looked, joined = time.perf_counter(), False
        try:
            prediction, joined = await self._join(key, asked)
        finally:
            ended, outcome = (time.perf_counter(), "shared") if joined else (looked, "miss")
            add_span("cache", began, ended, {CACHE: outcome})
        return (_again(prediction), "shared") if joined else (prediction, "miss")

    def places(self, service: str) -> Places:
        """The places of one model."""
        settings = self._settings
        if service not in self._places:
            name = self._monitor.model_of(service)
            size, queue = settings.max_concurrent_per_model, settings.max_queue_per_model
            told = self._metrics.model_queue.labels(name).observe
            self._places[service] = Places(name, size, queue=queue, patience_s=settings.queue_timeout_s, tell_wait=told)
        return self._places[service]

    async def _join(self, key: str, asked: Asked) -> tuple[Prediction, bool]:
        while True:
            try:
                async with asyncio.timeout(max(asked.deadline.left, 0)):
                    return await self._flights.join(key, partial(self._infer, asked))
            except TimeoutError as error:
                raise asked.deadline.error() from error
            except DeadlineExceeded:
                # of the one who worked for all; our own may be later
                asked.deadline.check()

    async def _infer(self, asked: Asked) -> Prediction:
        async with self.places(asked.service).take(asked.deadline):
            prediction = await self._upstream.predict(asked.service, asked.call, asked.deadline)
        key = _key(asked, prediction.model_digest)
        if self._cache and asked.kept and key:
            self._cache.put(key, prediction)
        return prediction

    def _weights(self, service: str) -> str | None:
        """The digest of the weights that would answer; None while instances with different ones are there."""
        found = {member.instance.digest for member in self._monitor.fleet.of(service) if member.usable}
        return found.pop() if len(found) == 1 else None


def _key(asked: Asked, weights: str | None) -> str | None:
    """Of the same input to the same weights, worded by the same release; None while the weights are not known."""
    return f"{VERSION}:{asked.service}:{weights}:{asked.digest}" if weights else None


def _again(prediction: Prediction) -> Prediction:
    """An inference that was made for somebody else: nothing was decoded or computed for this request."""
    timing = Timing(queue=0, decode=0, inference=0, total=0)
    return prediction.model_copy(update={"request_id": request_id(), "cached": True, "timing_ms": timing})
