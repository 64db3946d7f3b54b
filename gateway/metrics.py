"""What the gateway tells Prometheus. Labels have few values: routes as they are written, never paths or names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, PlatformCollector, ProcessCollector

from shared.version import VERSION

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class GatewayMetrics:
    """A registry of its own, so that two applications in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = self._counter("http_requests", "Requests answered", "route", "method", "status")
        self.duration = Histogram(
            "http_request_duration_seconds",
            "From the first byte in to the last byte out",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = self.gauge("http_requests_in_flight", "Requests in hand")
        self.cache = self._counter("cache_lookups", "Predictions by what the cache had", "model", "outcome")
        self.retries = self._counter("upstream_retries", "Calls that were sent once more", "service")
        self.hedges = self._counter("upstream_hedges", "Second calls to a slow instance's neighbour", "service")
        self.refused = self._counter("requests_refused", "Requests that were not let in", "reason")
        self.feedback = self._counter("gateway_feedback", "What users said of predictions", "model", "verdict")
        self.receipts_dropped = self._counter(
            "gateway_receipts_dropped", "Predictions that no feedback can be given on", "reason"
        )
        Info("doctorai_build", "The gateway", registry=self.registry).info({"version": VERSION})

    def gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)
