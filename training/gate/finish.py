"""Gives a trained bundle what it needs to be believed: gate, quality limits, calibration, and the drift's reference.

Thresholds and temperature are fitted on validation pictures *and* disturbed copies of them, disturbed as in training:
an upload comes from another camera or through a messenger, and what holds on the very files of a data set only would
promise too much. Small sets that were calibrated by cross-validation keep that calibration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from shared.bundle import find_bundle, open_bundle, write_manifest
from shared.inference.predictor import Inference
from shared.manifest import FileEntry, Golden, Reference, Signature
from training.calibrate import fit_conformal, fit_temperature, softmax
from training.checkpoint import checkpoint_facts
from training.dataset import service_definition
from training.gate.fit import FILE, NETWORK, Known, fit_arrays, fit_limits
from training.gate.gallery import Gallery, Uploads
from training.gate.network import VARIANT
from training.gate.quality import fit_quality, measured
from training.gate.reference import fit_reference
from training.recipes import RECIPES
from training.worker import SIGNATURE, inferences

Log = Callable[[str], None]
_COPIES = 3
_SEED = 5


def finish(data: Path, everyday: Path, models: Path, network: bytes, services: Sequence[str], log: Log = print) -> None:
    """Finishes the newest bundle of each of ``services``."""
    gallery = Gallery(data, everyday, network)
    for service in services:
        finish_one(service, find_bundle(models, service), gallery, network, log)


def finish_one(service: str, root: Path, gallery: Gallery, network: bytes, log: Log = print) -> None:
    """Rewrites the bundle at ``root``."""
    definition = service_definition(service)
    held = gallery.uploads(service, "val", _COPIES)
    train = gallery.uploads(service, "train", 1)
    found = inferences(open_bundle(root), service, held.files)
    signature = open_bundle(root).manifest.signatures[SIGNATURE]
    if not folded(service):
        signature = _calibrated(signature, found, held)
    strangers = [rows for _, rows in gallery.strangers(service, "train")]
    arrays = fit_arrays(gallery.features(service, "train", 1, definition.look), strangers, _SEED)
    features = gallery.features(service, "val", _COPIES, definition.look)
    confidence = np.array([one.probabilities.max() for one in found])
    guard = fit_limits(arrays, Known(features, confidence, _fitted_on()))
    quality = fit_quality(measured(train.files, definition.look), "train and a disturbed copy of each")
    files = {FILE: arrays.save(), NETWORK: network}
    signature = signature.model_copy(update={"guard": guard, "quality": quality})
    write(root, signature, files)
    write(root, signature.model_copy(update={"reference": _reference(service, root, gallery)}), files)
    log(f"{service}: gate, quality limits and reference written; T {_temperature(signature)}")


def folded(service: str) -> bool:
    """Whether the model was trained on train and val together, and calibrated by cross-validation."""
    return service not in RECIPES or RECIPES[service].folds > 0


def write(root: Path, signature: Signature, files: Mapping[str, bytes]) -> None:
    """Writes ``files``, and ``signature`` into the manifest with the golden answer that it gives now."""
    manifest = open_bundle(root).manifest
    for name, data in files.items():
        (root / name).write_bytes(data)
    entries = manifest.files | {name: FileEntry.of(data) for name, data in files.items()}
    provenance = manifest.provenance | {"gate_weights": checkpoint_facts(VARIANT)}
    signatures = manifest.signatures | {SIGNATURE: signature}
    changed = manifest.model_copy(update={"files": entries, "signatures": signatures, "provenance": provenance})
    write_manifest(root, changed)
    golden = str(signature.golden.input)
    (answer,) = inferences(open_bundle(root), service=root.parent.name, uploads=[(root / golden).read_bytes()])
    probabilities = tuple(round(float(value), 6) for value in answer.probabilities)
    told = signature.model_copy(update={"golden": Golden(input=golden, probabilities=probabilities)})
    write_manifest(root, changed.model_copy(update={"signatures": manifest.signatures | {SIGNATURE: told}}))


def _calibrated(signature: Signature, found: Sequence[Inference], held: Uploads) -> Signature:
    """Temperature and prediction sets anew. The logits come back from the probabilities, but for a constant."""
    before = signature.calibration.temperature if signature.calibration else 1.0
    logits = np.log(np.maximum(np.stack([one.probabilities for one in found]), 1e-30)) * before
    calibration = fit_temperature(logits, held.y, _fitted_on())
    probabilities = softmax(logits, calibration.temperature)
    conformal = fit_conformal(probabilities, held.y, fitted_on=_fitted_on())
    return signature.model_copy(update={"calibration": calibration, "conformal": conformal})


def _reference(service: str, root: Path, gallery: Gallery) -> Reference:
    # a model that was trained on val, too, knows those pictures: its confidence there is no reference
    split = "test" if folded(service) else "val"
    found = inferences(open_bundle(root), service, gallery.uploads(service, split).files)
    return fit_reference(found, open_bundle(root).manifest.labels, split)


def _fitted_on() -> str:
    return f"val and {_COPIES} disturbed copies of each"


def _temperature(signature: Signature) -> float | None:
    return signature.calibration.temperature if signature.calibration else None
