"""Counts and times the requests for an answer of a model, whichever way they came: `gateway.trail` sees them all.

Not those that were refused before the model was known: at the door, for the caller's role, or because there is no such
model. They are in ``http_requests_total`` and ``requests_refused_total``. So a model's name here is never a caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import Counter

from gateway.metrics import GatewayMetrics
from shared.recent_versions import RecentVersions
from shared.tracing.trace import current_exemplar


class ModelRequests:
    """Each model's by themselves."""

    def __init__(self, metrics: GatewayMetrics) -> None:
        self._metrics = metrics
        self._models: dict[str, _Requests] = {}

    def count(
        self, model: str, version: str | None, outcome: str, seconds: float | None, abstentions: Sequence[str] = ()
    ) -> None:
        """One request. ``seconds``: how long the system took, None when that is no measure of it; ``abstentions``: the
        reason for each of its inputs that got no label."""
        found = self._models.get(model)
        if found is None:
            found = self._models[model] = _Requests(self._metrics, model)
        found.count(version or "", outcome, seconds)
        for reason in abstentions:
            self._metrics.abstentions.labels(model, version or "", reason).inc()


class _Requests:
    """Of one model. Series are looked up once, and forgotten with their version: a service says itself what its version
    is, and one that makes up a new one each time must not fill Prometheus."""

    def __init__(self, metrics: GatewayMetrics, model: str) -> None:
        metrics.expect(model)
        self._metrics = metrics
        self._model = model
        self._versions = RecentVersions(self._forget)
        self._counters: dict[tuple[str, str], Counter] = {}
        self._duration = metrics.model_duration.labels(model)

    def count(self, version: str, outcome: str, seconds: float | None) -> None:
        if version:
            self._versions.see(version)
        counter = self._counters.get((version, outcome))
        if counter is None:
            counter = self._metrics.model_requests.labels(self._model, version, outcome)
            self._counters[version, outcome] = counter
        counter.inc()
        if seconds is not None:
            self._duration.observe(seconds, current_exemplar())

    def _forget(self, version: str) -> None:
        for metric in (self._metrics.model_requests, self._metrics.abstentions):
            metric.remove_by_labels({"model": self._model, "version": version})
        self._counters = {labels: counter for labels, counter in self._counters.items() if labels[0] != version}
