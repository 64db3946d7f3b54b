"""The model card (Mitchell et al. 2019), written from the manifest so that no number in it is typed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shared.bundle import find_bundle, open_bundle
from shared.disclaimer import DISCLAIMER
from shared.manifest import Manifest
from training.dataset import service_definition
from training.measured_card import measured
from training.sources import SOURCES, Source
from training.tables import score_table
from training.trust_card import not_for

_TITLES = {
    "val": "On `val` (what temperature and thresholds were fitted on)",
    "cross_validation": "Cross-validation inside train + val, by group",
    "test": "On `test` (never used to choose anything)",
}


def write(model: str, models: Path, docs: Path) -> Path:
    """The card of the newest bundle, into ``docs/<model>.md``."""
    manifest = open_bundle(find_bundle(models, service_definition(model).service)).manifest
    docs.mkdir(parents=True, exist_ok=True)
    page = docs / f"{model}.md"
    page.write_text(render(model, manifest), encoding="utf-8")
    return page


def render(model: str, manifest: Manifest) -> str:
    """The card of ``docs/models/<model>.md``."""
    source = SOURCES[model]
    parts = [
        f"# {source.title}",
        f"Model `{manifest.model}` {manifest.version}. {DISCLAIMER}",
        not_for(service_definition(model).not_for),
        f"## Intended use\n\n{source.use} For research, teaching and demonstration; no clinical use.",
        _data(source),
        _model(manifest),
        _scores(model, manifest),
        *measured(manifest, source.unknown),
        _limits(source),
        _commands(model, manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _data(source: Source) -> str:
    return f"## Data\n\n- Source: {source.origin}\n- Licence: {source.licence}.\n- Split: {source.split}."


def _model(manifest: Manifest) -> str:
    facts, recipe = manifest.provenance, manifest.provenance["recipe"]
    signature = manifest.signatures[manifest.default_signature]
    size = manifest.files[signature.file].bytes / 1e6
    lines = [
        f"{facts['base_weights']['name']} ({facts['base_weights']['weights']}, "
        f"{facts['base_weights'].get('licence', 'no licence')}), blocks from {recipe['cut']} on fine-tuned for "
        f"{recipe['epochs']} epochs, LiteRT with float16 weights, {size:.1f} MB.",
        _calibration(manifest),
        _bias(facts, manifest.labels),
    ]
    return "## Model\n\n" + "\n\n".join(line for line in lines if line)


def _calibration(manifest: Manifest) -> str:
    signature = manifest.signatures[manifest.default_signature]
    if signature.calibration is None or signature.conformal is None:
        return "Not calibrated."
    return (
        f"Probabilities are softmax at temperature {signature.calibration.temperature:.3f}; a class is in the "
        f"prediction set when 1 - p <= {signature.conformal.threshold:.3f} (LAC, coverage "
        f"{signature.conformal.coverage:.2f}). Both fitted on {signature.calibration.fitted_on}, "
        f"{signature.calibration.samples} pictures."
    )


def _bias(facts: dict[str, Any], labels: tuple[str, ...]) -> str:
    bias, sensitivity = facts.get("decision_bias", []), facts["recipe"]["sensitivity"]
    if not any(bias):
        return ""
    return (
        f"The decision was moved on val to the fewest false alarms that keep a sensitivity of {sensitivity:.2f}: "
        f"{bias} is added to the logits inside the graph, in the order of {', '.join(labels)}."
    )


def _scores(model: str, manifest: Manifest) -> str:
    head = (
        "## Scores\n\nIntervals are 95 % percentile bootstraps over pictures (2,000 resamples, seeded); exact "
        "Clopper-Pearson where a share is 0 or 1. They say how far a score moves with another sample of the same "
        f"source, and nothing of other sources. All of them: `make evaluate MODEL={model} DATA=DIR`."
    )
    order = [name for name in _TITLES if name in manifest.metrics]
    return "\n\n".join([head, *(f"### {_TITLES[name]}\n\n{score_table(manifest.metrics[name])}" for name in order)])


def _limits(source: Source) -> str:
    notes = f"\n\n## What was tried\n\n{_bullets(source.notes)}" if source.notes else ""
    return f"## Limits\n\n{_bullets(source.traps)}{notes}"


def _bullets(lines: tuple[str, ...]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _commands(model: str, manifest: Manifest) -> str:
    threads = manifest.provenance["threads"]
    return (
        "## How to make it again\n\n`DIR` is the folder of this task with `train`, `val` and `test`. Seeds are fixed "
        "and TensorFlow's deterministic kernels are on.\n\n```\n"
        f"TRAINING_THREADS={threads} make train MODEL={model} DATA=DIR  # writes models/{model}/1.0.0\n"
        f"make evaluate MODEL={model} DATA=DIR  # writes this page and the scores in the manifest\n```"
    )
