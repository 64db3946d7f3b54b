"""Counts and times the requests for an answer of a model, whichever way they came: `gateway.trail` sees them all.

Not those that were refused before the model was known: at the door, for the caller's role, or because there is no such
model. They are in ``http_requests_total`` and ``requests_refused_total``. So a model's name here is never a caller's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from gateway.metrics import GatewayMetrics
from shared.tracing.trace import current_exemplar

_MOST_VERSIONS = 20
OTHER = "other"


class ModelRequests:
    """``version`` is what a service says of itself: of each model the first twenty are told apart, lest one that makes
    up a new one each time fills Prometheus."""

    def __init__(self, metrics: GatewayMetrics) -> None:
        self._metrics = metrics
        self._versions: defaultdict[str, set[str]] = defaultdict(set)

    def count(
        self, model: str, version: str | None, outcome: str, seconds: float, abstentions: Sequence[str] = ()
    ) -> None:
        """One request; ``abstentions``: the reason for each of its inputs that got no label."""
        told = self._told(model, version)
        self._metrics.model_requests.labels(model, told, outcome).inc()
        self._metrics.model_duration.labels(model).observe(seconds, current_exemplar())
        for reason in abstentions:
            self._metrics.abstentions.labels(model, told, reason).inc()

    def _told(self, model: str, version: str | None) -> str:
        if not version:
            return ""
        known = self._versions[model]
        if version not in known:
            if len(known) >= _MOST_VERSIONS:
                return OTHER
            known.add(version)
        return version
