"""Sends spans to the collector, and says once that it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.util.re import parse_env_headers

from shared.logs import get_logger
from shared.settings import CommonSettings

_log = get_logger(__name__)


def connect_exporter(settings: CommonSettings) -> SpanExporter:
    """OTLP over HTTP. Timeout, compression and certificates are those of OpenTelemetry's own variables."""
    given = settings.otel_exporter_otlp_headers
    headers = parse_env_headers(given.get_secret_value(), liberal=True) if given else None
    base = settings.otel_exporter_otlp_endpoint or ""
    endpoint = settings.otel_exporter_otlp_traces_endpoint or f"{base.rstrip('/')}/v1/traces"
    return OTLPSpanExporter(endpoint=endpoint, headers=headers)


class QuietExporter(SpanExporter):
    """One line when spans begin to be lost, one when they no longer are. The SDK's own lines are not written."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False
        self._ended = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        failing = result is not SpanExportResult.SUCCESS
        if failing != self._failing:
            self._failing = failing
            _log.warning("traces_not_exported") if failing else _log.info("traces_exported_again")
        return result

    def shutdown(self) -> None:
        self.give_up()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def give_up(self) -> None:
        """Ends the attempts that still run."""
        if not self._ended:
            self._ended = True
            self._exporter.shutdown()
