"""What the gateway tells Prometheus, see docs/metrics.md. Labels have few values: never a path, a name or an id."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

from shared.errors import DoctorAIError

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REFUSALS = {
    "rate_limited": ("user", "address", "caller", "sign_in", "lockout"),
    "overloaded": ("gateway", "sign_in", "model", "audit"),
    "unauthorized": ("none", "credential", "password", "refresh"),
    "forbidden": ("role", "model", "credential"),
    "sign_in_unavailable": ("redis", "issuer"),
}
"""Reason → scopes."""
FAULTS = ("internal_error", "model_unavailable", "timeout", "overloaded")
"""Outcomes of a request to a model that are the system's doing and not the caller's."""


class GatewayMetrics:
    """A registry of its own, so that two applications in one process do not meet.

    What is read at each scrape, and counted nowhere, is in the collectors beside this file.
    """

    def __init__(self, expected: Mapping[str, str]) -> None:
        """``expected``: service → model, what the system should have."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = self._counter("http_requests", "Requests answered", "route", "method", "status")
        self.duration = self._histogram(
            "http_request_duration_seconds", "From the first byte in to the last byte out", "route"
        )
        self.in_flight = 0
        self.watch("http_requests_in_flight", "Requests in hand", lambda: float(self.in_flight))
        self.model_requests = self._counter(
            "model_requests", "Requests for an answer of a model, by what came of them", "model", "version", "outcome"
        )
        self.model_duration = self._histogram(
            "model_request_duration_seconds",
            "From the request read to its answer, or the system's fault",
            "model",
        )
        self.model_queue = self._histogram(
            "model_request_queue_seconds", "What requests that got a place of a model waited for it", "model"
        )
        self.abstentions = self._counter(
            "model_abstentions", "Inputs that a model gave no label for", "model", "version", "reason"
        )
        self.cache = self._counter("cache_lookups", "Predictions by what the cache had", "model", "outcome")
        self.retries = self._counter("upstream_retries", "Calls that were sent once more", "service")
        self.hedges = self._counter("upstream_hedges", "Second calls to a slow instance's neighbour", "service")
        self._refused = self._counter("requests_refused", "Requests that were not let in", "reason", "scope")
        self.sign_ins = self._counter("sign_ins", "Sign-ins with a password, by what came of them", "outcome")
        self.feedback = self._counter("feedback", "What users said of predictions", "model", "verdict")
        self.receipts_dropped = self._counter(
            "feedback_receipts_dropped", "Predictions that no feedback can be given on", "reason"
        )
        self._begin_at_zero(expected)

    def refused(self, error: DoctorAIError) -> None:
        """Counts ``error`` if it is a refusal."""
        if error.scope:
            self._refused.labels(error.code.lower(), error.scope).inc()

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """A gauge that is asked for at each scrape."""
        Gauge(name, text, registry=self.registry).set_function(value)

    def expect(self, model: str) -> None:
        """The faults of ``model`` are counted from 0 on."""
        for outcome in FAULTS:
            self.model_requests.labels(model, "", outcome)

    def _begin_at_zero(self, expected: Mapping[str, str]) -> None:
        """A series that is there before it first counts: the rate of one that appears with 1 misses that one."""
        for reason, scopes in REFUSALS.items():
            for scope in scopes:
                self._refused.labels(reason, scope)
        for service, model in expected.items():
            self.expect(model)
            self.retries.labels(service)
            self.hedges.labels(service)
        for reason in ("redis", "full"):
            self.receipts_dropped.labels(reason)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, label: str) -> Histogram:
        return Histogram(name, text, [label], buckets=_SECONDS, registry=self.registry)
