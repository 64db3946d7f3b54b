"""Gives each request its trace."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shared.settings import CommonSettings
from shared.tracing.trace import Trace
from shared.tracing.traceparent import new_trace_id, parent_of


class Tracing:
    """Records nothing: what there is without a collector. The caller's trace id goes on, for the log."""

    def begin(self, scope: Any) -> Trace:
        """The trace of the request that ``scope`` (ASGI) describes."""
        parent = parent_of(scope)
        return Trace(parent.trace_id if parent else new_trace_id())

    def close(self) -> None:
        """Sends what waits, for at most a few seconds. Blocks."""


def open_tracing(
    settings: CommonSettings, component: str, instance: str, *, ratio: float | None = None, quiet: Collection[str] = ()
) -> Tracing:
    """Sends spans when the settings name a collector.

    ``ratio``: the share of the requests that is recorded, whatever the caller asks for; None: those that the caller
    records. ``quiet``: paths that are never recorded.
    """
    if not (settings.otel_exporter_otlp_endpoint or settings.otel_exporter_otlp_traces_endpoint):
        return Tracing()
    from shared.tracing.sdk import SdkTracing  # some MB that nobody pays for who has no collector

    return SdkTracing(settings, component, instance, ratio=ratio, quiet=quiet)
