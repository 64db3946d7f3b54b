"""What an inference service tells Prometheus. One process a container, so no multi-process mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.cgroup import cpu_limit
from shared.definition import ServiceDefinition
from shared.service.host import ModelHost
from shared.tracing.trace import current_exemplar

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ServiceMetrics:
    """What every service counts. A registry of its own, so that two applications in one process do not meet."""

    def __init__(self, definition: ServiceDefinition, host: ModelHost[Any]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._model = definition.model
        self._requests = Counter(
            "inference_requests", "Predictions by outcome", ["model", "outcome"], registry=self.registry
        )
        self._stages = Histogram(
            "inference_stage_duration_seconds",
            "Time of each stage of a prediction",
            ["model", "stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._gauges(host)
        self.registry.register(_FailureCollector(definition.model, host))
        Info("inference_service", "The service", registry=self.registry).info({"model": definition.model})

    def _gauges(self, host: ModelHost[Any]) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self.registry)

        gauge("inference_ready", "1 when the model may answer").set_function(lambda: float(host.reason is None))
        gauge("inference_queue_length", "Requests that wait for a worker").set_function(
            lambda: float(host.loaded.pool.waiting if host.loaded else 0)
        )
        gauge("inference_workers_busy", "Workers that run an inference").set_function(
            lambda: float(host.loaded.pool.busy if host.loaded else 0)
        )
        gauge("inference_workers", "Worker threads").set_function(
            lambda: float(host.loaded.pool.size if host.loaded else 0)
        )
        gauge("inference_cpu_limit", "CPUs that the container may use").set(cpu_limit())

    def outcome(self, outcome: str) -> None:
        """Counts a request: "predicted", "abandoned", or an error's code in lower case."""
        self._requests.labels(self._model, outcome).inc()

    def stage(self, stage: str, milliseconds: float) -> None:
        """Counts the time of one stage."""
        self._stages.labels(self._model, stage).observe(milliseconds / 1000, current_exemplar())


class _FailureCollector(Collector):
    """The host counts for itself: it knows nothing of Prometheus."""

    def __init__(self, model: str, host: ModelHost[Any]) -> None:
        self._model = model
        self._host = host

    def collect(self) -> Iterator[Metric]:
        text = "Times that no model, or another than was asked for, was served"
        failures = CounterMetricFamily("inference_load_failures", text, labels=["model"])
        failures.add_metric([self._model], self._host.failures)
        yield failures
