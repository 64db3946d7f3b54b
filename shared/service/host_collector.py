"""What a host says of itself, for Prometheus: the host itself knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.service.host import ModelHost


class HostCollector(Collector):
    """Readiness, the queue and the workers of the active version, and which versions are served, at each scrape."""

    def __init__(self, model: str, host: ModelHost[Any]) -> None:
        self._model = model
        self._host = host

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("inference_ready", "1 when the model may answer", float(self._host.reason is None))
        yield from self._workers()
        yield self._failures()
        yield self._models()

    def _workers(self) -> Iterator[Metric]:
        pool = self._host.loaded.pool if self._host.loaded else None
        waiting, busy, size = (pool.waiting, pool.busy, pool.size) if pool else (0, 0, 0)
        yield GaugeMetricFamily("inference_queue_length", "Requests that wait for a worker", waiting)
        yield GaugeMetricFamily("inference_workers_busy", "Workers that run an inference", busy)
        yield GaugeMetricFamily("inference_workers", "Worker threads", size)

    def _failures(self) -> Metric:
        text = "Times that no model, or another than was asked for, was served"
        failures = CounterMetricFamily("inference_load_failures", text, labels=["model"])
        failures.add_metric([self._model], self._host.failures)
        return failures

    def _models(self) -> Metric:
        text, labels = "1 for each version that is served", ["model", "version", "digest", "role"]
        info = GaugeMetricFamily("inference_model_info", text, labels=labels)
        for role, loaded in self._host.loaded.models().items() if self._host.loaded else ():
            info.add_metric([self._model, loaded.version, loaded.digest[:12], role], 1)
        return info
