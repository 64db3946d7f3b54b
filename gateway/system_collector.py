"""The system as this gateway sees it, read at each scrape: models, instances, circuits, places, Redis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.monitor import Monitor
from gateway.predictions import Predictions
from gateway.routing.circuit import State

_STATES = ("ready", "not_ready")


class SystemCollector(Collector):
    """Every model that should be there has its series from the start, and keeps it: 0 is not the same as nothing."""

    def __init__(self, monitor: Monitor, predictions: Predictions) -> None:
        self._monitor = monitor
        self._predictions = predictions

    def collect(self) -> Iterator[Metric]:
        yield from self._models()
        yield self._circuits()
        yield from self._places()
        yield from self._redis()

    def _models(self) -> Iterator[Metric]:
        available = GaugeMetricFamily("model_availability", "1 while any instance can be asked", labels=["model"])
        instances = GaugeMetricFamily("model_instances", "Known instances", labels=["model", "state"])
        for service, model in self._monitor.known.items():
            found = Counter(_STATES[not member.usable] for member in self._monitor.fleet.of(service))
            available.add_metric([model], float(found["ready"] > 0))
            for state in _STATES:
                instances.add_metric([model, state], found[state])
        yield available
        yield instances

    def _circuits(self) -> Metric:
        circuits = GaugeMetricFamily(
            "upstream_circuits", "Known instances by the state of their circuit breaker", labels=["service", "state"]
        )
        for service in self._monitor.known:
            found = Counter(member.circuit.state for member in self._monitor.fleet.of(service))
            for state in get_args(State):
                circuits.add_metric([service, state], found[state])
        return circuits

    def _places(self) -> Iterator[Metric]:
        taken = GaugeMetricFamily("model_requests_in_flight", "Requests that hold a place of a model", labels=["model"])
        waiting = GaugeMetricFamily("model_requests_waiting", "Requests that wait for such a place", labels=["model"])
        for service, model in self._monitor.known.items():
            places = self._predictions.places(service)
            taken.add_metric([model], places.taken)
            waiting.add_metric([model], places.waiting)
        yield taken
        yield waiting

    def _redis(self) -> Iterator[Metric]:
        redis = self._monitor.redis
        up = float(self._monitor.redis_up)
        yield GaugeMetricFamily("redis_available", "1 while Redis answers this gateway", value=up)
        latency = GaugeMetricFamily("redis_latency_seconds", "Of the last look into the registry")
        if redis and redis.latency_ms is not None:
            latency.add_metric([], redis.latency_ms / 1000)
        yield latency
