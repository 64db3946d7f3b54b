"""What an inference service tells Prometheus. One process a container, so no multi-process mode.

Labels have few values: what the code and the bundles name, never anything of a request (docs/metrics.md).
"""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector

from shared.definition import ServiceDefinition
from shared.recent_versions import RecentVersions
from shared.service.host import ModelHost
from shared.service.host_collector import HostCollector
from shared.service.settings import ServiceSettings
from shared.tracing.trace import current_exemplar
from shared.usage import usage_collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class ServiceMetrics:
    """What every service counts. A registry of its own, so that two applications in one process do not meet.

    Nothing is counted when METRICS_ENABLED is false.
    """

    def __init__(self, definition: ServiceDefinition, settings: ServiceSettings) -> None:
        self.registry = CollectorRegistry()
        self.enabled = settings.metrics_enabled
        self._model = definition.model
        self._requests = self._counter("inference_requests", "Predictions by outcome", "version", "outcome")
        self._stages = self._histogram(
            "inference_stage_duration_seconds", "Time of each stage of a prediction", _SECONDS, "stage"
        )
        self._batches = self._histogram("inference_batch_size", "Samples that a worker took at once", _SAMPLES)
        self._confidences = self._histogram(
            "inference_confidence", "Probability of the most probable answer, 0-1", _CONFIDENCES, "version"
        )
        self._versions = RecentVersions(self._forget)
        if self.enabled:
            ProcessCollector(registry=self.registry)
            PlatformCollector(registry=self.registry)
            self.registry.register(usage_collector(definition.service, {"models": settings.model_path}))

    def watch(self, host: ModelHost[Any]) -> None:
        """Tells how ``host`` is from now on; called once."""
        self.registry.register(HostCollector(self._model, host))

    def outcome(self, outcome: str, version: str = "") -> None:
        """Counts a request. ``outcome``: "predicted", "abstained", the kind of a chat's answer, "abandoned", or an
        error's code in lower case; ``version``: who answered, empty where nobody did.
        """
        if self.enabled:
            self._see(version)
            self._requests.labels(self._model, version, outcome).inc()

    def stage(self, stage: str, milliseconds: float) -> None:
        """Counts the time of one stage."""
        if self.enabled:
            self._stages.labels(self._model, stage).observe(milliseconds / 1000, current_exemplar())

    def batch(self, samples: int) -> None:
        """Counts what a worker took at once. Safe on any thread."""
        if self.enabled:
            self._batches.labels(self._model).observe(samples)

    def confidence(self, version: str, confidence: float) -> None:
        """Counts an answer by its confidence, 0…1."""
        if self.enabled:
            self._see(version)
            self._confidences.labels(self._model, version).observe(confidence)

    def _see(self, version: str) -> None:
        if version:
            self._versions.see(version)

    def _forget(self, version: str) -> None:
        """Drops the series of a version that has not answered for long."""
        for metric in (self._requests, self._confidences):
            metric.remove_by_labels({"version": version})

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, ("model", *labels), registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, text, ("model", *labels), buckets=buckets, registry=self.registry)
