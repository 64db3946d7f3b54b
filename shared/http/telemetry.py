"""FastAPI's own telemetry, switched off."""

from __future__ import annotations

from fastapi.telemetry import TelemetryConfig

NONE: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""It would send paths, and what exceptions say, wherever OTEL_EXPORTER_OTLP_ENDPOINT points. Ours: `shared.tracing`."""
