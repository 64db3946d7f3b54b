"""What a service of predictions tells Prometheus besides: classes, abstentions, how far its inputs have drifted."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.contract import Prediction
from shared.definition import ServiceDefinition
from shared.inference.guard import LIMIT
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics
from shared.service.served import Served
from shared.service.settings import ServiceSettings
from shared.service.shadow import Comparisons

_SCORES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, LIMIT, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class _DriftCollector(Collector):
    """How far each version's inputs have drifted; computed at each scrape."""

    def __init__(self, model: str, host: ModelHost[Served]) -> None:
        self._model = model
        self._host = host

    def collect(self) -> Iterator[Metric]:
        text = "Population stability index of the last inputs against the reference"
        drift = GaugeMetricFamily("inference_drift_psi", text, labels=["model", "version", "trait"])
        served = self._host.loaded
        # a version may have two roles
        for loaded in dict.fromkeys(served.models().values()) if served else ():
            for trait, value in (loaded.drift.index() if loaded.drift else {}).items():
                drift.add_metric([self._model, loaded.version, trait], value)
        yield drift


class PredictionMetrics(ServiceMetrics):
    """What a service of predictions counts besides."""

    def __init__(self, definition: ServiceDefinition, settings: ServiceSettings) -> None:
        super().__init__(definition, settings)
        self.comparisons = Comparisons(definition.model, self.registry)
        self._classes = self._counter("inference_predicted", "Predictions by class", "version", "label")
        self._abstentions = self._counter("inference_abstentions", "Pictures without an answer", "version", "reason")
        self._scores = self._histogram(
            "inference_ood_score", f"How strange pictures were, 0-1; refused from {LIMIT}", _SCORES, "version"
        )

    def watch_models(self, host: ModelHost[Served]) -> None:
        """Tells how ``host`` is, and how its inputs drift, from now on; called once."""
        self.watch(host)
        self.registry.register(_DriftCollector(self._model, host))

    def predicted(self, prediction: Prediction) -> None:
        """Counts a prediction, what it says, and the time of its stages."""
        if not self.enabled:
            return
        version = prediction.model_version
        self.outcome(prediction.decision, version)
        self.confidence(version, prediction.confidence)
        self._said(version, prediction)
        timing = prediction.timing_ms
        self.stage("queue", timing.queue)
        self.stage("decode", timing.decode)
        self.stage("inference", timing.inference)
        self.stage("total", timing.total)

    def _said(self, version: str, prediction: Prediction) -> None:
        if prediction.result:
            self._classes.labels(self._model, version, prediction.result).inc()
        if prediction.abstain_reason:
            self._abstentions.labels(self._model, version, prediction.abstain_reason).inc()
        if prediction.ood_score is not None:
            self._scores.labels(self._model, version).observe(prediction.ood_score)

    def _forget(self, version: str) -> None:
        super()._forget(version)
        for metric in (self._classes, self._abstentions, self._scores):
            metric.remove_by_labels({"version": version})
        self.comparisons.forget(version)
