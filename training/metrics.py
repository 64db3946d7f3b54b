"""Scores of a classifier, each with a 95 % interval, from ``y_true`` and ``probabilities`` alone.

Intervals are percentile bootstraps over images (Efron & Tibshirani 1993): the images are drawn again with
replacement, so the interval says how far the score would move with another sample of the same size and source. It
says nothing of another hospital or camera. A share that is exactly 0 or 1 has no bootstrap width; the exact
Clopper-Pearson interval (1934) is given for it instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, rankdata

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

RESAMPLES = 2000
BINS = 15
"""Of the confidence, for calibration."""
SEED = 20240
_TAIL = 2.5  # per cent on each side of a 95 % interval


@dataclass(frozen=True)
class Estimate:
    """A score and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Report:
    """All scores of one split. ``auroc`` is of class 1 for two classes, else the macro mean of one-versus-rest.

    ``confusion[i][j]`` counts images of class ``i`` that were called class ``j``.
    """

    labels: tuple[str, ...]
    samples: int
    accuracy: Estimate
    recall: dict[str, Estimate]
    auroc: Estimate
    confusion: tuple[tuple[int, ...], ...]
    resamples: int = RESAMPLES
    seed: int = SEED

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, rounded to four places, fit for ``manifest.json``."""
        return {key: _rounded(value) for key, value in asdict(self).items()}


def evaluate(
    y_true: NDArray[Any],
    probabilities: NDArray[Any],
    labels: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Report:
    """Scores ``probabilities`` of shape (n, k) against ``y_true`` of shape (n,), ints in 0…k-1.

    Raises ValueError when the shapes do not fit together or a class has no image.
    """
    truth, scores = _checked(y_true, probabilities, len(labels))
    picks = np.random.default_rng(seed).integers(0, len(truth), (resamples, len(truth)))
    right = (scores.argmax(axis=1) == truth).astype(np.float64)
    return Report(
        labels=tuple(labels),
        samples=len(truth),
        accuracy=_share(right, picks),
        recall={label: _recall(right, truth == i, picks) for i, label in enumerate(labels)},
        auroc=_auroc_estimate(truth, scores, picks),
        confusion=confusion(truth, scores.argmax(axis=1), len(labels)),
        resamples=resamples,
        seed=seed,
    )


def share(hits: Sequence[bool], *, resamples: int = RESAMPLES, seed: int = SEED) -> Estimate:
    """The share of True in ``hits``; NaN of none."""
    values = np.asarray(hits, dtype=np.float64)
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"))
    return _share(values, np.random.default_rng(seed).integers(0, len(values), (resamples, len(values))))


def confusion(y_true: NDArray[Any], y_pred: NDArray[Any], classes: int) -> tuple[tuple[int, ...], ...]:
    """``[true][predicted]`` counts, shape (classes, classes)."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (y_true, y_pred), 1)
    return tuple(tuple(int(cell) for cell in row) for row in counts)


def auroc(y_true: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """Area under the ROC curve: of class 1 for two classes, else the macro mean of one-versus-rest."""
    truth, scores = _checked(y_true, probabilities, np.asarray(probabilities).shape[1])
    return float(_auroc(truth[None, :], scores[None, :, :])[0])


def calibration_error(y_true: NDArray[Any], probabilities: NDArray[Any], bins: int = BINS) -> float:
    """Expected calibration error (Guo et al. 2017): mean gap of confidence and accuracy over equal-width bins."""
    truth, scores = _checked(y_true, probabilities, np.asarray(probabilities).shape[1])
    confidence, right = _confidence(truth, scores)
    return float(_gap(confidence[None], right[None], bins)[0])


def calibration(y_true: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, Any]:
    """ECE with its interval, what a perfectly calibrated model would get on as few pictures, Brier score, and bins.

    ECE is never 0 on few pictures: each bin's accuracy has its own luck. ``ece_if_perfect`` is the mean over draws
    in which each answer is right with just the probability that it states.
    """
    truth, scores = _checked(y_true, probabilities, np.asarray(probabilities).shape[1])
    confidence, right = _confidence(truth, scores)
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, len(truth), (RESAMPLES, len(truth)))
    luck = (rng.random((RESAMPLES, len(truth))) < confidence).astype(np.float64)
    ece = _percentiles(float(_gap(confidence[None], right[None], BINS)[0]), _gap(confidence[picks], right[picks], BINS))
    errors = ((scores - np.eye(scores.shape[1])[truth]) ** 2).sum(axis=1)
    return dict(
        _rounded(
            {
                "ece": asdict(ece),
                "ece_if_perfect": float(_gap(np.broadcast_to(confidence, luck.shape), luck, BINS).mean()),
                "brier": mean_of(errors),
                "reliability": _reliability(confidence, right),
            }
        )
    )


def mean_of(values: Floats) -> dict[str, float]:
    """The mean of ``values`` (n,) with its 95 % bootstrap interval."""
    picks = np.random.default_rng(SEED).integers(0, len(values), (RESAMPLES, len(values)))
    return dict(_rounded(asdict(_percentiles(float(values.mean()), values[picks].mean(axis=1)))))


def _confidence(truth: Ints, scores: Floats) -> tuple[Floats, Floats]:
    return scores.max(axis=1), (scores.argmax(axis=1) == truth).astype(np.float64)


def _places(confidence: Floats, bins: int) -> Ints:
    return np.minimum((confidence * bins).astype(np.int64), bins - 1)


def _gap(confidence: Floats, right: Floats, bins: int) -> Floats:
    """ECE of each row of (r, n)."""
    places, difference = _places(confidence, bins), right - confidence
    gaps = [np.abs((difference * (places == at)).sum(axis=1)) for at in range(bins)]
    return np.asarray(np.sum(gaps, axis=0) / confidence.shape[1], dtype=np.float64)


def _reliability(confidence: Floats, right: Floats) -> list[dict[str, float]]:
    """Of each bin that holds an answer: mean confidence, accuracy, answers."""
    places = _places(confidence, BINS)
    return [
        {"confidence": float(confidence[at].mean()), "accuracy": float(right[at].mean()), "samples": int(at.sum())}
        for at in (places == number for number in range(BINS))
        if at.any()
    ]


def _checked(y_true: NDArray[Any], probabilities: NDArray[Any], classes: int) -> tuple[Ints, Floats]:
    truth, scores = np.asarray(y_true, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if scores.shape != (len(truth), classes):
        raise ValueError(f"probabilities have shape {scores.shape}, not {(len(truth), classes)}")
    if set(truth.tolist()) != set(range(classes)):
        raise ValueError(f"y_true holds classes {sorted(set(truth.tolist()))}, not all of 0…{classes - 1}")
    return truth, scores


def _share(right: Floats, picks: Ints) -> Estimate:
    return _estimate(float(right.mean()), right[picks].mean(axis=1), len(right))


def _recall(right: Floats, member: NDArray[np.bool_], picks: Ints) -> Estimate:
    """Recall in each resample; one that drew no image of the class says nothing and is left out."""
    drawn = member[picks].sum(axis=1)
    hits = (right * member)[picks].sum(axis=1)
    return _estimate(float(right[member].mean()), hits[drawn > 0] / drawn[drawn > 0], int(member.sum()))


def _auroc_estimate(truth: Ints, scores: Floats, picks: Ints) -> Estimate:
    value = float(_auroc(truth[None, :], scores[None, :, :])[0])
    samples = _auroc(truth[picks], scores[picks])
    return _percentiles(value, samples[~np.isnan(samples)])


def _auroc(truth: Ints, scores: Floats) -> Floats:
    """One area for each row of ``truth`` (r, n) and ``scores`` (r, n, k); NaN where a class is missing."""
    classes = scores.shape[2]
    wanted = [1] if classes == 2 else list(range(classes))
    return np.asarray(np.mean([_rank_area(truth == c, scores[:, :, c]) for c in wanted], axis=0), dtype=np.float64)


def _rank_area(positive: NDArray[np.bool_], score: Floats) -> Floats:
    """Mann-Whitney U over the number of pairs, ties counting half."""
    ranks = rankdata(score, axis=1)
    ones = positive.sum(axis=1).astype(np.float64)
    zeros = positive.shape[1] - ones
    pairs = np.where((ones > 0) & (zeros > 0), ones * zeros, np.nan)
    return np.asarray(((ranks * positive).sum(axis=1) - ones * (ones + 1) / 2) / pairs, dtype=np.float64)


def _estimate(value: float, samples: Floats, n: int) -> Estimate:
    if value == 1.0:
        return Estimate(value, float(beta.ppf(_TAIL / 100, n, 1)), 1.0)
    if value == 0.0:
        return Estimate(value, 0.0, float(beta.ppf(1 - _TAIL / 100, 1, n)))
    return _percentiles(value, samples)


def _percentiles(value: float, samples: Floats) -> Estimate:
    low, high = np.percentile(samples, [_TAIL, 100 - _TAIL])
    return Estimate(value, float(low), float(high))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_rounded(item) for item in value]
    return value
