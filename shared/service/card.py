"""The model card, from the service's definition and the bundle's manifest: one source, so that they cannot differ."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shared.bundle import Bundle
from shared.definition import ServiceDefinition
from shared.manifest import Signature
from shared.plots import plots_of
from shared.service.served import Served


def served_card(definition: ServiceDefinition, served: Served) -> dict[str, Any]:
    """The card of what answers now, with what else is served, and how far the inputs have drifted."""
    drift = served.active.drift
    return {
        **model_card(definition, served.bundle),
        "serving": {role: model.version for role, model in served.models().items()},
        "canary_share": served.share,
        "notice": served.notice,
        "drift": drift.report() if drift else None,
    }


def model_card(definition: ServiceDefinition, bundle: Bundle) -> dict[str, Any]:
    """Plain JSON values; metrics and provenance are as the training measured and wrote them."""
    manifest = bundle.manifest
    definition = definition.about(manifest)
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
        "not_for": list(definition.not_for),
        "limits": list(definition.limits),
        "trust": {name: _trust(signature) for name, signature in manifest.signatures.items()},
        "inputs": {name: signature.input.model_dump(mode="json") for name, signature in manifest.signatures.items()},
        "metrics": manifest.metrics,
        "plots": plots_of(manifest),
        "provenance": manifest.provenance,
        "disclaimer": definition.disclaimer,
    }


def _trust(signature: Signature) -> dict[str, Any]:
    """What stands between the model's numbers and an answer; null for what the bundle does not have."""
    parts = {"calibration", "conformal", "guard", "quality", "reference"}
    return signature.model_dump(mode="json", include=parts)
