"""Writes a bundle: weights, golden picture, and last the manifest that vouches for them."""

from __future__ import annotations

import importlib.metadata
import io
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from shared.bundle import write_manifest
from shared.definition import ServiceDefinition
from shared.imaging.tensor import image_tensor
from shared.manifest import Calibration, Conformal, FileEntry, Golden, Manifest, Signature
from training.calibrate import softmax
from training.checkpoint import checkpoint_facts
from training.determinism import THREADS
from training.golden import golden_png
from training.litert import run_litert
from training.recipes import Recipe
from training.sources import SOURCES

VERSION = "1.0.0"
WEIGHTS, GOLDEN = "model.tflite", "golden.png"
_PACKAGES = ("tensorflow", "keras", "ai-edge-litert", "numpy", "pillow", "scikit-learn", "torch")


@dataclass(frozen=True)
class Contents:
    """What a training run hands over; ``facts`` join the provenance."""

    recipe: Recipe
    weights: bytes
    calibration: Calibration
    conformal: Conformal
    metrics: dict[str, Any]
    facts: dict[str, Any]


def write_bundle(out: Path, service: ServiceDefinition, contents: Contents) -> Path:
    """Writes ``out/<service>/1.0.0/`` and gives its path; files of an older run are overwritten."""
    folder = out / service.service / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    files = {WEIGHTS: contents.weights, GOLDEN: golden_png(contents.recipe.seed)}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    write_manifest(folder, _manifest(service, contents, files))
    return folder


def _manifest(service: ServiceDefinition, contents: Contents, files: dict[str, bytes]) -> Manifest:
    return Manifest(
        model=service.model,
        version=VERSION,
        created=datetime.now(UTC).date().isoformat(),
        runtime="litert",
        labels=tuple(service.classes),
        signatures={"image": _signature(contents, files[GOLDEN])},
        default_signature="image",
        files={name: FileEntry.of(data) for name, data in files.items()},
        metrics=contents.metrics,
        provenance=_provenance(contents),
    )


def _signature(contents: Contents, golden: bytes) -> Signature:
    spec = contents.recipe.input
    picture = image_tensor(Image.open(io.BytesIO(golden)).convert("RGB"), spec)
    logits = run_litert(contents.weights, picture[None])["logits"]
    probabilities = softmax(logits, contents.calibration.temperature)[0]
    return Signature(
        file=WEIGHTS,
        input=spec,
        calibration=contents.calibration,
        conformal=contents.conformal,
        golden=Golden(input=GOLDEN, probabilities=tuple(np.round(probabilities, 6).tolist())),
    )


def _provenance(contents: Contents) -> dict[str, Any]:
    recipe, source = contents.recipe, SOURCES[contents.recipe.model]
    return {
        "data": {"source": source.origin, "licence": source.licence, "split": source.split},
        "licence": "MIT",
        "base_weights": _base_weights(recipe),
        "recipe": asdict(recipe),
        "command": f"python -m training train --model {recipe.model} --data DIR",
        "threads": THREADS,
        "versions": {"python": platform.python_version()} | _versions(),
        **contents.facts,
    }


def _base_weights(recipe: Recipe) -> dict[str, str]:
    if not recipe.pretrained:
        return {"name": f"efficientnet-{recipe.variant}", "weights": "random"}
    return checkpoint_facts(recipe.variant)


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # torch is not needed for random weights
            continue
    return found
