"""Spans by the OpenTelemetry SDK. A provider of its own for each application: two may live in one process."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    NoOpTracer,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.util.types import AnyValue
from starlette.types import Scope

from shared.http.route import method_of, route_of
from shared.settings import CommonSettings
from shared.tracing.export import QuietExporter, connect_exporter
from shared.tracing.resource import resource_of
from shared.tracing.trace import NONE, Attributes, Call, Trace
from shared.tracing.traceparent import Parent, header_of, parent_of
from shared.tracing.tracing import Tracing
from shared.version import VERSION

_FLUSH_S = 3.0
_MOST_A_SECOND = 10.0
"""Traces, where a share is recorded: enough to look at, and a busy gateway keeps its throughput."""
_FAILED = Status(StatusCode.ERROR)
"""Without a description: the message of an error may hold what a caller sent."""


class SdkTracing(Tracing):
    """Whether a request is recorded is decided here, before any object of the SDK is made: most are not."""

    def __init__(
        self, settings: CommonSettings, component: str, instance: str, *, ratio: float | None, quiet: Collection[str]
    ) -> None:
        self._ratio = ratio
        self._quiet = quiet
        self._permits, self._permitted = _MOST_A_SECOND, time.monotonic()
        self._exporter = QuietExporter(connect_exporter(settings))
        resource = resource_of(settings, component, instance)
        # no exit handler: it would wait 30 s for a collector that is away
        self._provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("doctorai", VERSION)

    def begin(self, scope: Any) -> Trace:
        parent = parent_of(scope)
        if not self._samples(scope, parent):
            return super().begin(scope)
        return SampledTrace(self._tracer, parent)

    def close(self) -> None:
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(_FLUSH_S)
        self._exporter.give_up()

    def _samples(self, scope: Any, parent: Parent | None) -> bool:
        if isinstance(self._tracer, NoOpTracer):  # OTEL_SDK_DISABLED
            return False
        if self._ratio is None:
            return parent is not None and parent.sampled
        # neither the caller's flag nor a trace id that it chose has a say
        drawn = random.random() < self._ratio and scope["path"] not in self._quiet  # noqa: S311 - no secret
        return drawn and (self._ratio >= 1 or self._permit())

    def _permit(self) -> bool:
        now = time.monotonic()
        self._permits = min(_MOST_A_SECOND, self._permits + (now - self._permitted) * _MOST_A_SECOND)
        self._permitted = now
        if self._permits < 1:
            return False
        self._permits -= 1
        return True


class SampledTrace(Trace):
    """One request, with a span of its own; all others are its children."""

    __slots__ = ("_tracer", "_span", "_context", "_began", "_began_ns")

    def __init__(self, tracer: Tracer, parent: Parent | None) -> None:
        self._tracer = tracer
        self._began, self._began_ns = time.perf_counter(), time.time_ns()
        self._span = tracer.start_span("", _context(parent), SpanKind.SERVER, start_time=self._began_ns)
        self._context = set_span_in_context(self._span, Context())
        super().__init__(format_trace_id(self._span.get_span_context().trace_id))

    @property
    def sampled(self) -> bool:
        return True

    def add(self, name: str, began: float, ended: float, attributes: Attributes = NONE) -> None:
        start = self.epoch_ns(began)
        span = self._tracer.start_span(name, self._context, attributes=attributes, start_time=start)
        span.end(max(start, self.epoch_ns(ended)))

    def call(self, method: str, route: str, address: str) -> Call:
        host, port = _place(address)
        attributes: dict[str, AnyValue] = {
            "http.request.method": method,
            "url.template": route,
            "server.address": host,
            "server.port": port,
        }
        now = self.epoch_ns(time.perf_counter())
        span = self._tracer.start_span(f"{method} {route}", self._context, SpanKind.CLIENT, attributes, start_time=now)
        return _RecordedCall(self, span)

    def end(self, scope: Scope, status: int, request_id: str) -> None:
        span, method, route, scheme = self._span, method_of(scope), route_of(scope), scope.get("scheme", "http")
        span.update_name(f"{method or 'HTTP'} {route}".rstrip())
        known = {"http.request.method": method or "_OTHER", "url.scheme": scheme, "doctorai.request_id": request_id}
        known |= {"http.route": route} if route else {}
        known |= {"doctorai.model": self.model} if self.model else {}
        span.set_attributes(known)
        if status:
            span.set_attribute("http.response.status_code", status)
        if not status or status >= 500:
            span.set_attribute("error.type", str(status) if status else "client_gone")
            span.set_status(_FAILED)
        span.end(self.epoch_ns(time.perf_counter()))

    def epoch_ns(self, at: float) -> int:
        """One clock for all of a request's spans: a child never leaves its parent because the time was set."""
        return self._began_ns + round((at - self._began) * 1e9)


class _RecordedCall(Call):
    __slots__ = ("_trace", "_span")

    def __init__(self, trace: SampledTrace, span: Span) -> None:
        super().__init__(header_of(trace.trace_id, format_span_id(span.get_span_context().span_id), sampled=True))
        self._trace = trace
        self._span = span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        if self.status:
            self._span.set_attribute("http.response.status_code", self.status)
        if error is not None:
            self._span.set_attribute("error.type", type(error.__cause__ or error).__name__)
            self._span.set_status(_FAILED)
        self._span.end(self._trace.epoch_ns(time.perf_counter()))


def _context(parent: Parent | None) -> Context:
    if parent is None:
        return Context()
    ids = SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=TraceFlags(1))
    return set_span_in_context(NonRecordingSpan(ids), Context())


@lru_cache(maxsize=256)
def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or 80
