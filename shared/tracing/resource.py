"""What all spans of a process say of it."""

from __future__ import annotations

from urllib.parse import unquote

from opentelemetry.sdk.resources import Resource

from shared.settings import CommonSettings
from shared.version import VERSION


def resource_of(settings: CommonSettings, component: str, instance: str) -> Resource:
    """Nothing of the machine, its user or its command line; OTEL_RESOURCE_ATTRIBUTES adds to it, and wins."""
    ours = {
        "service.name": f"doctorai-{component}",
        "service.version": VERSION,
        "service.instance.id": instance,
        "deployment.environment": settings.doctorai_mode,
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
    }
    return Resource({**ours, **_pairs(settings.otel_resource_attributes or "")})


def _pairs(text: str) -> dict[str, str]:
    """``name=value,…``, percent-encoded."""
    found = (part.partition("=") for part in text.split(","))
    return {name.strip(): unquote(value.strip()) for name, _, value in found if name.strip()}
