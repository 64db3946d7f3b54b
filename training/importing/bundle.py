"""Writes what came back from behind the sandbox as a bundle; it is proved behind the sandbox, too."""

from __future__ import annotations

import importlib.metadata
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle import Bundle, find_bundle, open_bundle, write_manifest
from shared.definition import ServiceDefinition
from shared.errors import BundleError
from shared.manifest import Calibration, FeaturesInput, FileEntry, Golden, Manifest, Signature, TabularInput
from training.golden import golden_png
from training.importing.child import ROOT
from training.importing.job import Proof, Report
from training.importing.samples import GOLDEN_SEED
from training.importing.work_network import image_input

GOLDEN = "golden.png"
_PACKAGES = ("tensorflow", "keras", "tf-keras", "ai-edge-litert", "xgboost-cpu", "numpy")
_NOTICE = "It is a model of your own: what it was trained on is not known here."
_LIMITS = (
    "A user's own model, imported from a file. What it was trained on, on whom, and how well it does is not known "
    "here, but for what the metrics tell of the user's own pictures.",
    "The gates that refuse other and bad pictures were fitted for the model that ships, on its kind of pictures.",
    "Without a calibration its probabilities are as its file gives them: often too sure.",
)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """What a bundle is made of, beside the weights in the scratch folder."""

    definition: ServiceDefinition
    labels: tuple[str, ...]
    version: str
    report: Report
    temperature: float | None
    origin: dict[str, Any]


def write(parts: Parts, scratch: Path, folder: Path, donor: Bundle | None) -> Bundle:
    """Writes the bundle to ``folder``, with the gates of ``donor``. Raises BundleError when it is not whole."""
    folder.mkdir(parents=True)
    place = scratch / parts.report.weights
    (shutil.copytree if place.is_dir() else shutil.copy)(place, folder / parts.report.weights)
    (folder / GOLDEN).write_bytes(golden_png(GOLDEN_SEED))
    signatures = {name: _gated(signature, donor, folder) for name, signature in _signatures(parts, donor).items()}
    lent = {"gate_weights": donor.manifest.provenance.get("gate_weights")} if donor else {}
    write_manifest(folder, _manifest(parts, signatures, folder, lent))
    return open_bundle(folder)


def find_donor(models: Path, service: str) -> Bundle | None:
    """A bundle of the service with a gate: the user's own first, then the one that ships."""
    for place in (models, ROOT / "models"):
        try:
            bundle = open_bundle(find_bundle(place, service))
        except BundleError:
            continue
        if bundle.manifest.signatures[bundle.manifest.default_signature].guard:
            return bundle
    return None


def finish(bundle: Bundle, proof: Proof) -> Bundle:
    """The bundle with how it compares, and what labelled pictures taught."""
    manifest, fitted = bundle.manifest, proof.fitted
    origin = manifest.provenance["imported"] | {"largest_difference": float(f"{proof.largest_difference:.3g}")}
    changes: dict[str, Any] = {"provenance": manifest.provenance | {"imported": origin}}
    if fitted:
        signature = manifest.signatures[manifest.default_signature]
        golden = signature.golden.model_copy(update={"probabilities": fitted.golden})
        taught = {"calibration": fitted.calibration, "conformal": fitted.conformal, "reference": fitted.reference}
        signature = signature.model_copy(update={**taught, "golden": golden})
        signatures = manifest.signatures | {manifest.default_signature: signature}
        changes |= {"signatures": signatures, "metrics": fitted.metrics}
    write_manifest(bundle.root, manifest.model_copy(update=changes))
    return open_bundle(bundle.root)


def _signatures(parts: Parts, donor: Bundle | None) -> dict[str, Signature]:
    """The picture's, and one for the numbers themselves where the service takes them from a caller."""
    report, golden = parts.report, _softened(parts.report.golden, parts.temperature)
    given = parts.temperature
    calibration = Calibration(temperature=given, fitted_on="given by the user", samples=0) if given else None

    def signature(spec: Any, given: Any, wanted: Floats) -> Signature:
        expected = Golden(input=given, probabilities=tuple(np.round(wanted, 6).tolist()))
        return Signature(file=report.weights, input=spec, calibration=calibration, golden=expected)

    if report.size:
        return {"image": signature(image_input(report.size, report.pixels), GOLDEN, golden)}
    names = report.features or ()
    found = {"image": signature(FeaturesInput(names=names), GOLDEN, golden)}
    last = _softened(report.golden_of_numbers, parts.temperature)
    for name, lent in donor.manifest.signatures.items() if donor else ():
        if isinstance(lent.input, TabularInput) and lent.input.names == names:
            found[name] = signature(lent.input, report.numbers, last)
    return found


def _softened(probabilities: Sequence[float], temperature: float | None) -> Floats:
    powers = np.power(np.maximum(np.asarray(probabilities), 1e-12), 1.0 / (temperature or 1.0))
    return np.asarray(powers / powers.sum())


def _gated(signature: Signature, donor: Bundle | None, folder: Path) -> Signature:
    """With the gates that look at the picture: they know its kind, whatever model answers.

    What they would make of the model's confidence is left out: it was fitted to another model's.
    """
    if donor is None or signature.input.kind == "tabular":
        return signature
    lent = donor.manifest.signatures[donor.manifest.default_signature]
    guard = lent.guard and lent.guard.model_copy(update={"doubt": 0.0})
    for file in (guard.file, guard.network) if guard else ():
        (folder / file).write_bytes(donor.read(file))
    return signature.model_copy(update={"guard": guard, "quality": lent.quality})


def _manifest(parts: Parts, signatures: dict[str, Signature], folder: Path, lent: dict[str, Any]) -> Manifest:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return Manifest(
        model=parts.definition.model,
        version=parts.version,
        created=datetime.now(UTC).date().isoformat(),
        runtime=parts.report.runtime,
        labels=parts.labels,
        signatures=signatures,
        default_signature="image",
        files={path.relative_to(folder).as_posix(): FileEntry.of(path.read_bytes()) for path in files},
        limits=_LIMITS,
        notice=_NOTICE,
        provenance={
            "data": {"source": "not known: a user's own model", "licence": "not known"},
            "imported": parts.origin,
            "versions": _versions(),
            **lent,
        },
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
