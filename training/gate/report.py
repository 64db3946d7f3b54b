"""Measures on ``test`` what an answer's trust rests on: the gate, calibration, prediction sets, heat maps."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle import Bundle, find_bundle, open_bundle, write_manifest
from shared.inference.decision import abstention
from shared.inference.guard import GuardArrays, score
from shared.inference.predictor import Inference
from shared.inference.probabilities import prediction_set
from shared.manifest import Guard, Signature
from training.dataset import service_definition
from training.gate.faithfulness import faithfulness
from training.gate.gallery import Gallery
from training.metrics import auroc, calibration, share
from training.plots import draw
from training.worker import SIGNATURE, inferences

Log = Callable[[str], None]


def measure_all(
    data: Path, everyday: Path, models: Path, network: bytes, services: Sequence[str], log: Log = print
) -> None:
    """Puts the report of each finished bundle into its manifest, under ``metrics.trust``."""
    gallery = Gallery(data, everyday, network)
    for service in services:
        root = find_bundle(models, service)
        manifest = open_bundle(root).manifest
        found = report(service, root, gallery)
        write_manifest(root, manifest.model_copy(update={"metrics": manifest.metrics | {"trust": found}}))
        draw(root)
        log(f"{service}: {json.dumps({name: found[name] for name in ('abstention', 'out_of_distribution')})}")


def report(service: str, root: Path, gallery: Gallery) -> dict[str, Any]:
    """Plain numbers for the manifest's metrics."""
    bundle, uploads = open_bundle(root), gallery.uploads(service, "test")
    signature = bundle.manifest.signatures[SIGNATURE]
    found = inferences(bundle, service, uploads.files)
    probabilities = np.stack([one.probabilities for one in found])
    return {
        "calibration": calibration(uploads.y, probabilities),
        "prediction_sets": _sets(signature, probabilities, uploads.y),
        "abstention": _abstention(service, bundle, found, uploads.y),
        "out_of_distribution": _strangers(service, bundle, gallery, found),
        "explanation": faithfulness(bundle, signature, uploads),
    }


def _sets(signature: Signature, probabilities: NDArray[np.float64], y: NDArray[np.int64]) -> dict[str, Any]:
    """Coverage of the sets as LAC makes them, where one may be empty, and as they are told."""
    conformal = signature.conformal
    if conformal is None:
        return {}
    strict = 1.0 - probabilities[np.arange(len(y)), y] <= conformal.threshold
    told = [prediction_set(row, conformal) or [] for row in probabilities]
    return {
        "wanted": conformal.coverage,
        "coverage_lac": asdict(share(strict.tolist())),
        "coverage_told": asdict(share([label in members for label, members in zip(y.tolist(), told, strict=True)])),
        "mean_size": round(float(np.mean([len(members) for members in told])), 4),
    }


def _abstention(service: str, bundle: Bundle, found: Sequence[Inference], y: NDArray[np.int64]) -> dict[str, Any]:
    """On pictures of the right kind: how often no answer is given and why, and how good those are that are given."""
    definition, labels = service_definition(service), bundle.manifest.labels
    conformal = bundle.manifest.signatures[SIGNATURE].conformal
    reasons: list[str | None] = []
    for one in found:
        members = prediction_set(one.probabilities, conformal)
        likely = None if members is None else [labels[at] for at in members]
        refused = abstention(definition, one, likely)
        reasons.append(refused.reason if refused else None)
    best = np.array([one.probabilities.argmax() for one in found])
    answered = np.array([reason is None for reason in reasons])
    gate = [reason in ("out_of_distribution", "image_quality") for reason in reasons]
    return {
        "gate": asdict(share(gate)),
        **{reason: asdict(share([one == reason for one in reasons])) for reason in sorted(_REASONS)},
        "accuracy_of_answers": asdict(share((best == y)[answered].tolist())),
    }


_REASONS = ("out_of_distribution", "image_quality", "low_confidence")


def _strangers(service: str, bundle: Bundle, gallery: Gallery, found: Sequence[Inference]) -> dict[str, Any]:
    """Each kind of stranger against the test pictures: AUROC of the score, of each stage, and the share let through."""
    guard = bundle.manifest.signatures[SIGNATURE].guard
    if guard is None:
        return {}
    arrays = GuardArrays.load(bundle.read(guard.file))
    own = gallery.features(service, "test", look=service_definition(service).look)
    told = np.array([one.outlier.score for one in found if one.outlier])
    rows: dict[str, Any] = {}
    for kind, features in gallery.strangers(service, "test"):
        scores = _scores(arrays, guard, features)
        rows[kind] = {
            "auroc": _area(told, scores.max(axis=0)),
            "auroc_distance_alone": _area(_scores(arrays, guard, own)[1], scores[1]),
            "let_through": round(float((scores.max(axis=0) < 0.5).mean()), 4),
            "samples": len(features),
        }
    return rows


def _scores(arrays: GuardArrays, guard: Guard, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """(2, n): both stages' scores. A stranger's answer is taken to be sure, which is the harder case."""
    raw = (arrays.strangeness(features), arrays.distance(features, guard.neighbours))
    limits = (guard.modality, guard.distance)
    return np.array([[score(float(v), limit) for v in values] for values, limit in zip(raw, limits, strict=True)])


def _area(own: NDArray[np.float64], strangers: NDArray[np.float64]) -> float:
    scores = np.r_[own, strangers]
    return round(auroc(np.r_[np.zeros(len(own)), np.ones(len(strangers))], np.stack([1 - scores, scores], axis=1)), 4)
