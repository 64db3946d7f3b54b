"""What is fitted on ``val`` after training: decision bias, temperature, and the conformal threshold."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from shared.manifest import Calibration, Conformal

Floats = NDArray[np.float64]


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> Floats:
    """(n, k) → probabilities along the last axis."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def fit_temperature(logits: NDArray[np.floating], y: NDArray[np.int64], fitted_on: str = "val") -> Calibration:
    """The temperature in 0.05…20 with the least negative log-likelihood (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        probabilities = softmax(logits, math.exp(log_temperature))
        return float(-np.log(np.maximum(probabilities[np.arange(len(y)), y], 1e-12)).mean())

    best = minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded")
    return Calibration(temperature=round(float(math.exp(best.x)), 4), fitted_on=fitted_on, samples=len(y))


def fit_conformal(
    probabilities: Floats, y: NDArray[np.int64], coverage: float = 0.90, fitted_on: str = "val"
) -> Conformal:
    """The LAC threshold: the ceil((n + 1) * coverage)-th smallest ``1 - p`` of the true class.

    Holds ``coverage`` on average for pictures exchangeable with those it was fitted on, and for no others.
    """
    scores = np.sort(1.0 - probabilities[np.arange(len(y)), y])
    rank = math.ceil((len(y) + 1) * coverage)
    threshold = 1.0 if rank > len(y) else float(scores[rank - 1])
    # rounded up, so that the picture which set the threshold stays inside it
    return Conformal(
        coverage=coverage, threshold=min(1.0, math.ceil(threshold * 1e6) / 1e6), fitted_on=fitted_on, samples=len(y)
    )


def specificity_bias(logits: NDArray[np.floating], y: NDArray[np.int64], sensitivity: float) -> float:
    """What to take off the logit of class 1 of two, so that ``sensitivity`` of its val pictures are still found.

    The highest threshold that keeps the sensitivity, hence the fewest false alarms; halfway to the next score.
    """
    margins = np.sort((logits[:, 1] - logits[:, 0]).astype(np.float64)[y == 1])
    missed = math.floor(len(margins) * (1 - sensitivity) + 1e-9)
    below = margins[missed - 1] if missed else margins[missed] - 1.0
    return float((margins[missed] + below) / 2)


def coverage(probabilities: Floats, y: NDArray[np.int64], conformal: Conformal) -> tuple[float, float]:
    """Share of pictures whose true class is in the set, and the mean size of the sets, made as serving makes them."""
    inside = 1.0 - probabilities <= conformal.threshold
    inside[np.arange(len(y)), probabilities.argmax(axis=1)] = True
    return float(inside[np.arange(len(y)), y].mean()), float(inside.sum(axis=1).mean())
