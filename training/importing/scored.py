"""What a user's model is worth on the user's own labelled pictures, and what those teach: temperature, sets, reference.

Half of the pictures teach, the other half scores. The score is only as honest as the pictures are new to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle import Bundle
from shared.inference.predictor import Inference, Predictor
from shared.manifest import Calibration, Conformal
from training.calibrate import coverage, fit_conformal, fit_temperature, softmax
from training.gate.reference import fit_reference
from training.importing.job import Fitted
from training.metrics import calibration, evaluate, share
from training.worker import asked

Floats = NDArray[np.float64]
_FITTED_ON = "half of the user's labelled pictures"


def score(bundle: Bundle, predictor: Predictor, folder: Path, pictures: Sequence[tuple[str, int]]) -> Fitted:
    """What the pictures taught, and the scores. The first bad picture is raised."""
    name, labels = bundle.manifest.default_signature, bundle.manifest.labels
    signature, y = bundle.manifest.signatures[name], np.array([label for _, label in pictures], dtype=np.int64)
    found = asked(predictor, [(folder / file).read_bytes() for file, _ in pictures])
    rows, taught = np.stack([one.probabilities for one in found]), np.arange(len(y)) % 2 == 0
    given = signature.calibration  # then the rows are at its temperature already
    fitted = given or fit_temperature(_logarithm(rows[taught]), y[taught], _FITTED_ON)
    rows = rows if given else _softened(rows, fitted)
    golden = np.array([signature.golden.probabilities])
    conformal = fit_conformal(rows[taught], y[taught], fitted_on=_FITTED_ON)
    return Fitted(
        calibration=fitted,
        conformal=conformal,
        reference=fit_reference(_of(found, taught), labels, _FITTED_ON),
        golden=tuple((golden if given else _softened(golden, fitted))[0].round(6).tolist()),
        metrics=_metrics(_of(found, ~taught), rows[~taught], y[~taught], labels, conformal),
    )


def _metrics(
    found: list[Inference], rows: Floats, y: NDArray[np.int64], labels: tuple[str, ...], conformal: Conformal
) -> dict[str, Any]:
    inside, size = coverage(rows, y, conformal)
    refused = [one.outlier.refused for one in found if one.outlier]
    return {
        "test": evaluate(y, rows, labels).to_dict(),
        "test_calibration": calibration(y, rows),
        "test_prediction_sets": {"coverage": round(inside, 4), "mean_size": round(size, 4)},
        "test_refused_by_the_gate": round(share(refused).value, 4) if refused else None,
        "test_pictures": "the user's own, every second one; whether the model was trained on them is not known",
    }


def _softened(rows: Floats, fitted: Calibration) -> Floats:
    return softmax(_logarithm(rows), fitted.temperature)


def _logarithm(rows: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(rows, 1e-12)))


def _of(found: list[Inference], kept: NDArray[np.bool_]) -> list[Inference]:
    return [one for one, wanted in zip(found, kept, strict=True) if wanted]
