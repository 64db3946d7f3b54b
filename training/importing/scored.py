"""What a user's model is worth on the user's own labelled pictures, and what those teach: temperature, sets, reference.

Half of the pictures teach, the other half scores. The score is only as honest as the pictures are new to the model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle import Bundle
from shared.inference.predictor import Inference, Predictor, Sample
from shared.manifest import Calibration, Conformal
from training.importing.bundle import rewrite
from training.importing.samples import Labelled, read

Floats = NDArray[np.float64]
_FITTED_ON = "half of the user's labelled pictures"


def score(bundle: Bundle, predictor: Predictor, pictures: Labelled) -> Bundle:
    """The bundle with what the pictures taught, and the scores among its metrics. The first bad picture is raised."""
    from training.calibrate import fit_conformal, fit_temperature
    from training.gate.reference import fit_reference

    name, labels = bundle.manifest.default_signature, bundle.manifest.labels
    signature, y = bundle.manifest.signatures[name], np.array(pictures.y, dtype=np.int64)
    found = [_inferred(predictor, Sample(name, read(path))) for path in pictures.files]
    rows, taught = np.stack([one.probabilities for one in found]), np.arange(len(y)) % 2 == 0
    fitted = signature.calibration is None
    calibration = signature.calibration or fit_temperature(np.log(_positive(rows))[taught], y[taught], _FITTED_ON)
    rows = _softened(rows, calibration, fitted)
    conformal = fit_conformal(rows[taught], y[taught], fitted_on=_FITTED_ON)
    golden = _softened(np.array([signature.golden.probabilities]), calibration, fitted)[0]
    changes = {
        "calibration": calibration,
        "conformal": conformal,
        "reference": fit_reference(_of(found, taught), labels, _FITTED_ON),
        "golden": signature.golden.model_copy(update={"probabilities": tuple(golden.round(6).tolist())}),
    }
    metrics = _metrics(_of(found, ~taught), rows[~taught], y[~taught], labels, conformal)
    signatures = bundle.manifest.signatures | {name: signature.model_copy(update=changes)}
    return rewrite(bundle, signatures=signatures, metrics=metrics)


def _inferred(predictor: Predictor, sample: Sample) -> Inference:
    (answer,) = predictor([sample])
    if isinstance(answer, Exception):
        raise answer
    return answer


def _metrics(
    found: list[Inference], rows: Floats, y: NDArray[np.int64], labels: tuple[str, ...], conformal: Conformal
) -> dict[str, Any]:
    from training.calibrate import coverage
    from training.metrics import calibration, evaluate, share

    inside, size = coverage(rows, y, conformal)
    refused = [one.outlier.refused for one in found if one.outlier]
    return {
        "test": evaluate(y, rows, labels).to_dict(),
        "test_calibration": calibration(y, rows),
        "test_prediction_sets": {"coverage": round(inside, 4), "mean_size": round(size, 4)},
        "test_refused_by_the_gate": round(share(refused).value, 4) if refused else None,
        "test_pictures": "the user's own, every second one; whether the model was trained on them is not known",
    }


def _softened(rows: Floats, calibration: Calibration, fitted: bool) -> Floats:
    """At the temperature that was fitted; one that the user gave is in the rows already."""
    from training.calibrate import softmax

    return softmax(np.log(_positive(rows)), calibration.temperature) if fitted else rows


def _positive(rows: Floats) -> Floats:
    return np.maximum(rows, 1e-12)


def _of(found: list[Inference], kept: NDArray[np.bool_]) -> list[Inference]:
    return [one for one, wanted in zip(found, kept, strict=True) if wanted]
