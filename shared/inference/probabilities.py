"""From logits to what an answer says: temperature, the prediction set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.manifest import Calibration, Conformal


def softmax(logits: NDArray[np.float32], calibration: Calibration | None) -> NDArray[np.float64]:
    """Logits of shape ``(classes,)`` → probabilities that sum to 1, at the calibrated temperature (1 without)."""
    scaled = np.asarray(logits, dtype=np.float64) / (calibration.temperature if calibration else 1.0)
    exponentials = np.exp(scaled - scaled.max())
    return np.asarray(exponentials / exponentials.sum())


def prediction_set(probabilities: NDArray[np.float64], conformal: Conformal | None) -> list[int] | None:
    """Indices of the classes that the conformal threshold keeps, most probable first; None without a threshold.

    The most probable class is always in: for a model that is right more often than the coverage, LAC alone leaves
    sets empty. A larger set covers no less, so the coverage holds.
    """
    if conformal is None:
        return None
    best, *others = (int(index) for index in np.argsort(-probabilities, kind="stable"))
    return [best, *(index for index in others if 1.0 - probabilities[index] <= conformal.threshold)]
