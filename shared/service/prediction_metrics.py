"""What a service of predictions tells Prometheus besides: versions, classes, how far its inputs have drifted."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.contract import Prediction
from shared.definition import ServiceDefinition
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics
from shared.service.served import Served
from shared.service.shadow import Comparisons


class _ModelCollector(Collector):
    """Which versions are served, and how far their inputs have drifted; asked for at each scrape."""

    def __init__(self, model: str, host: ModelHost[Served]) -> None:
        self._model = model
        self._host = host

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily(
            "inference_model_info", "1 for each version that is served", labels=["model", "version", "digest", "role"]
        )
        drift = GaugeMetricFamily(
            "inference_drift_psi",
            "Population stability index of the last inputs against the reference",
            labels=["model", "version", "trait"],
        )
        for role, loaded in self._host.loaded.models().items() if self._host.loaded else ():
            info.add_metric([self._model, loaded.version, loaded.digest[:12], role], 1)
            for trait, value in (loaded.drift.index() if loaded.drift else {}).items():
                drift.add_metric([self._model, loaded.version, trait], value)
        yield info
        yield drift


class PredictionMetrics(ServiceMetrics):
    """What a service of predictions counts besides."""

    def __init__(self, definition: ServiceDefinition, host: ModelHost[Served]) -> None:
        super().__init__(definition, host)
        self.comparisons = Comparisons(definition.model, self.registry)
        self.registry.register(_ModelCollector(definition.model, host))
        self._classes = Counter(
            "inference_predicted", "Predictions by class", ["model", "label"], registry=self.registry
        )

    def predicted(self, prediction: Prediction) -> None:
        """Counts a prediction and the time of its stages."""
        self.outcome(prediction.decision)
        timing = prediction.timing_ms
        self.stage("queue", timing.queue)
        self.stage("decode", timing.decode)
        self.stage("inference", timing.inference)
        self.stage("total", timing.total)
        if prediction.result:
            self._classes.labels(self._model, prediction.result).inc()
