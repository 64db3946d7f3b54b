"""The model card, from the service's definition and the bundle's manifest: one source, so that they cannot differ."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared.bundle import Bundle
from shared.definition import ServiceDefinition


def model_card(definition: ServiceDefinition, bundle: Bundle) -> dict[str, Any]:
    """Plain JSON values; metrics and provenance are as the training measured and wrote them."""
    manifest = bundle.manifest
    return {
        "model": definition.model,
        "service": definition.service,
        "title": definition.title,
        "version": manifest.version,
        "digest": bundle.digest,
        "created": manifest.created,
        "runtime": manifest.runtime,
        "accepts": definition.accepts,
        "labels": {label: asdict(definition.classes[label]) for label in manifest.labels},
        "limits": list(definition.limits),
        "inputs": {name: signature.input.model_dump(mode="json") for name, signature in manifest.signatures.items()},
        "metrics": manifest.metrics,
        "provenance": manifest.provenance,
        "disclaimer": definition.disclaimer,
    }
