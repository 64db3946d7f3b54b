"""CycloneDX's ``modelCard`` and ``data`` of a bundle, from its manifest and its service's definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cli.bom_bundle import BomBundle
from shared.disclaimer import DISCLAIMER

_TASKS = {"litert": "image classification", "xgboost": "classification", "tensorflow": "image classification"}
_FAMILIES = {
    "litert": "convolutional neural network",
    "tensorflow": "convolutional neural network",
    "xgboost": "gradient-boosted decision trees",
    "torch": "transformer encoder with lexical and dense retrieval",
}
_USERS = ("Researchers, teachers and students of machine learning in medicine.", "Engineers who serve models.")
_GATED = "A gate refuses pictures of another kind, and a picture may get no answer; each answer carries the disclaimer."
_LESS = "Each answer carries the disclaimer."


def model_card(bundle: BomBundle) -> dict[str, Any]:
    """What the schema calls ``modelCard``."""
    return {
        "bom-ref": f"{bundle.ref}/card",
        "modelParameters": _parameters(bundle),
        "quantitativeAnalysis": {"performanceMetrics": list(_metrics(bundle.manifest.metrics))},
        "considerations": _considerations(bundle),
    }


def data_set(bundle: BomBundle) -> dict[str, Any]:
    """What the schema calls ``componentData``."""
    return {"type": "dataset", "name": f"{bundle.manifest.model} training data", "classification": "public"}


def _parameters(bundle: BomBundle) -> dict[str, Any]:
    manifest = bundle.manifest
    signatures = [(name, signature.input.kind) for name, signature in manifest.signatures.items()]
    inputs = [f"{name}: {kind}, {_shape(bundle, name)}" for name, kind in signatures] or ["text"]
    outputs = [f"probability of {label}" for label in manifest.labels] or ["text with its sources"]
    base = bundle.manifest.provenance.get("base_weights", {})
    return {
        "approach": {"type": "supervised"},
        "task": _TASKS.get(manifest.runtime, "question answering"),
        "architectureFamily": _FAMILIES[manifest.runtime],
        "modelArchitecture": str(base.get("name", manifest.runtime)),
        "datasets": [{"ref": bundle.data_ref}],
        "inputs": [{"format": words} for words in inputs],
        "outputs": [{"format": words} for words in outputs],
    }


def _shape(bundle: BomBundle, name: str) -> str:
    found = bundle.manifest.signatures[name].input
    return f"{found.height}x{found.width} RGB" if found.kind == "image" else f"{len(found.names)} numbers"


def _considerations(bundle: BomBundle) -> dict[str, Any]:
    definition = bundle.definition
    gated = any(signature.guard for signature in bundle.manifest.signatures.values())
    mitigation = _GATED if gated else _LESS
    return {
        "users": list(_USERS),
        "useCases": [f"{definition.title}, for education and research. Takes: {definition.accepts}"],
        "technicalLimitations": list(definition.limits),
        "ethicalConsiderations": [
            {"name": DISCLAIMER, "mitigationStrategy": mitigation},
            *({"name": f"Must not be used for: {line}"} for line in definition.not_for),
        ],
    }


def _metrics(found: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Every estimate and every plain share or time; counts and tables stay in the manifest."""
    for name, value in found.items():
        place = (*path, name)
        if isinstance(value, dict) and {"value", "low", "high"} <= value.keys():
            yield _metric(place, value["value"]) | {"confidenceInterval": _interval(value)}
        elif isinstance(value, dict):
            yield from _metrics(value, place)
        elif isinstance(value, float):
            yield _metric(place, value)
        elif name == "groups":
            yield from _groups(value)


def _groups(rows: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        found = row["accuracy"]
        yield _metric((f"test, {row['by']}: {row['group']}", "accuracy"), found["value"]) | {
            "confidenceInterval": _interval(found)
        }


def _metric(place: tuple[str, ...], value: float) -> dict[str, Any]:
    """``slice`` is what it was measured on: the first part of its place in the manifest."""
    return {"type": " ".join(place[1:]) or place[0], "value": f"{value:g}", "slice": place[0]}


def _interval(found: Mapping[str, float]) -> dict[str, str]:
    return {"lowerBound": f"{found['low']:g}", "upperBound": f"{found['high']:g}"}
