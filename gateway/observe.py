"""Counts, times and logs every request, by the route as it is written: one look at each, with one clock."""

from __future__ import annotations

import time
from collections.abc import Iterable

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access import log_access
from gateway.metrics import GatewayMetrics
from shared.http.route import method_of, route_of
from shared.tracing.trace import current_exemplar

_CLIENT_GONE = 499
"""The status of a request whose caller left before it was answered, as nginx has it."""
_FAULTS = (500, 503, 504)
UNMATCHED = "unmatched"


class Observe:
    """ASGI middleware, just inside of RequestContext. A request that the gate refused has met no route."""

    def __init__(self, app: ASGIApp, *, counted: RequestCounts | None, logged: bool) -> None:
        self._app = app
        self._counted = counted
        self._logged = logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, sent = time.perf_counter(), _CLIENT_GONE, 0

        async def noted(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        if self._counted:
            self._counted.began()
        try:
            await self._app(scope, receive, noted)
        finally:
            took_s = time.perf_counter() - began
            method, route = method_of(scope) or "OTHER", route_of(scope) or UNMATCHED
            if self._counted:
                self._counted.ended(route, method, status, took_s)
            if self._logged:
                log_access(scope["path"], method, route, status, sent, took_s)


class RequestCounts:
    """What Prometheus is told of requests. Series are looked up once: their labels have few values."""

    def __init__(self, metrics: GatewayMetrics, asked: Iterable[str]) -> None:
        """``asked``: the routes whose faults are counted from 0 on, lest the first ones after a start be missed."""
        self._metrics = metrics
        self._requests: dict[tuple[str, str, int], Counter] = {}
        self._durations: dict[str, Histogram] = {}
        for route in asked:
            for status in _FAULTS:
                metrics.requests.labels(route, "POST", status)

    def began(self) -> None:
        """A request is in hand."""
        self._metrics.in_flight += 1

    def ended(self, route: str, method: str, status: int, seconds: float) -> None:
        """It no longer is."""
        self._metrics.in_flight -= 1
        labels = route, method, status
        counter = self._requests.get(labels)
        if counter is None:
            counter = self._requests[labels] = self._metrics.requests.labels(*labels)
        counter.inc()
        histogram = self._durations.get(route)
        if histogram is None:
            histogram = self._durations[route] = self._metrics.duration.labels(route)
        histogram.observe(seconds, current_exemplar())
