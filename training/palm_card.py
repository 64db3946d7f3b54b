"""Scores the palm bundle through the very path that serves it, and writes its model card."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageEnhance
from scipy.stats import rankdata

from services.palm.definition import SERVICE
from services.palm.features import five_means
from shared.backends import open_backend
from shared.bundle import Bundle, find_bundle, open_bundle
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.imaging.intake import decode_image
from shared.inference.predictor import Inference, Predictor, Sample
from training.calibrate import coverage
from training.dataset import split_files
from training.metrics import RESAMPLES, SEED, calibration_error
from training.metrics import evaluate as score
from training.palm_data import haemoglobin, task_folder
from training.palm_text import card

SIGNATURES = ("image", "means")
BRIGHTNESS = (0.6, 0.8, 1.0, 1.1)
# Test people whose uncropped originals are in samples/: those were looked at while the segmentation was written.
SEEN = re.compile(r"hand_hb_(non_)?anemic_test_000[0-5]\.jpg")
Probabilities = NDArray[np.float64]


def evaluate(data: Path, models: Path, docs: Path) -> Path:
    """Scores the newest bundle of ``models/palm`` on test, prints the scores, and gives the card that it wrote."""
    bundle = open_bundle(find_bundle(models, SERVICE.service))
    text = card(bundle.manifest, held_out_scores(bundle, data))
    docs.mkdir(parents=True, exist_ok=True)
    path = docs / f"{SERVICE.model}.md"
    path.write_text(text, encoding="utf-8")
    print(text[text.index("## Scores") : text.index("## What goes in")])
    return path


def held_out_scores(bundle: Bundle, data: Path) -> dict[str, Any]:
    """For each signature: scores on test, its prediction sets, AUROC in other light, and the way with haemoglobin."""
    files = split_files(task_folder(data), "test", SERVICE)
    uploads, y = [path.read_bytes() for path, _ in files], np.array([label for _, label in files], np.int64)
    hb, unseen = (
        haemoglobin([path for path, _ in files]),
        np.array([not SEEN.fullmatch(path.name) for path, _ in files]),
    )
    return {name: _scores(bundle, name, uploads, y, hb, unseen) for name in SIGNATURES}


def _scores(
    bundle: Bundle,
    name: str,
    uploads: list[bytes],
    y: NDArray[np.int64],
    hb: NDArray[np.float64],
    unseen: NDArray[np.bool_],
) -> dict[str, Any]:
    found = {gain: serve(bundle, name, [brighten(upload, gain) for upload in uploads]) for gain in BRIGHTNESS}
    labels, conformal = bundle.manifest.labels, bundle.manifest.signatures[name].conformal
    return {
        "test": score(y, found[1.0], labels).to_dict(),
        "unseen": None if unseen.all() else score(y[unseen], found[1.0][unseen], labels).to_dict(),
        "brightness": {gain: score(y, rows, labels).to_dict()["auroc"] for gain, rows in found.items()},
        "calibration_error": calibration_error(y, found[1.0]),
        "sets": coverage(found[1.0], y, conformal) if conformal else None,
        "haemoglobin": correlation(found[1.0][:, 1], hb),
    }


def serve(bundle: Bundle, name: str, uploads: Sequence[bytes]) -> Probabilities:
    """Probabilities (n, 2) as the service gives them: each upload decoded, turned into numbers, predicted."""
    backend = open_backend(bundle)
    predictor = Predictor(bundle, backend, SERVICE.features, max_pixels=DEFAULT_MAX_PIXELS)
    samples = [Sample(name, upload if name == "image" else five_means(decode_image(upload))) for upload in uploads]
    answers = [predictor([sample])[0] for sample in samples]
    backend.close()
    return np.stack([_probabilities(answer) for answer in answers])


def _probabilities(answer: Inference | Exception) -> Probabilities:
    if isinstance(answer, Exception):
        raise answer
    return answer.probabilities


def brighten(upload: bytes, gain: float) -> bytes:
    """The picture with its sRGB values times ``gain``, as PNG; the upload itself for 1."""
    if gain == 1.0:
        return upload
    buffer = io.BytesIO()
    ImageEnhance.Brightness(decode_image(upload)).enhance(gain).save(buffer, "PNG")
    return buffer.getvalue()


def correlation(probability: Probabilities, hb: NDArray[np.float64]) -> dict[str, float] | None:
    """Spearman's rho of P(anemia) and haemoglobin with a 95 % bootstrap interval; None for fewer than 10 people."""
    known = ~np.isnan(hb)
    if known.sum() < 10:
        return None
    x, y = probability[known], hb[known]
    picks = np.random.default_rng(SEED).integers(0, len(x), (RESAMPLES, len(x)))
    low, high = np.percentile(_rho(x[picks], y[picks]), (2.5, 97.5))
    return {"value": float(_rho(x[None], y[None])[0]), "low": float(low), "high": float(high)}


def _rho(x: Probabilities, y: Probabilities) -> Probabilities:
    """Rank correlation of each row of (r, n), 0 for a row that is constant."""
    a, b = (rankdata(rows, axis=1) - (rows.shape[1] + 1) / 2 for rows in (x, y))
    spread = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.asarray((a * b).sum(axis=1) / np.where(spread > 0, spread, 1.0))
