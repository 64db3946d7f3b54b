"""Fits the gate's arrays and thresholds. One setting for every service; nothing is searched for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from shared.inference.guard import GuardArrays, directions, rooted
from shared.manifest import Guard, Limit
from training.gate.network import INPUT

TRUE_POSITIVES = 0.98
"""Of pictures of the right kind, let through by both stages."""
NEIGHBOURS = 10
FILE, NETWORK = "gate.npz", "gate.tflite"
_REGULARISATION = 1e-3  # C of the logistic regression
_BANK = 512  # training pictures to be near to; more told nothing better
_DEPTH = 4.0  # the usual picture of the right kind scores sigmoid(-4) = 0.018
Features = NDArray[np.float32]


@dataclass(frozen=True)
class Known:
    """Pictures of the right kind that nothing was fitted on: features (n, d), and what the model made of them (n,)."""

    features: Features
    confidence: NDArray[np.float64]
    split: str


def fit_arrays(own: Features, strangers: Sequence[Features], seed: int) -> GuardArrays:
    """From features (n, d) of training pictures and of what is none."""
    others = np.concatenate(strangers)
    rows = rooted(np.concatenate([own, others]))
    center, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = scale + 1e-3 * float(scale.mean())  # a feature that is nearly always the same must not shout
    target = np.r_[np.zeros(len(own)), np.ones(len(others))]
    model = LogisticRegression(C=_REGULARISATION, max_iter=1000, class_weight="balanced")
    model.fit((rows - center) / scale, target)
    chosen = np.random.default_rng(seed).permutation(len(own))[:_BANK]
    return GuardArrays(
        center=center,
        scale=scale.astype(np.float32),
        modality=model.coef_[0].astype(np.float32),
        modality_bias=np.float32(model.intercept_[0]) * np.ones((), np.float32),
        bank=directions(own[np.sort(chosen)]),
    )


def fit_limits(arrays: GuardArrays, known: Known) -> Guard:
    """Thresholds that let ``TRUE_POSITIVES`` of ``known`` through: each stage refuses at most half of the rest."""
    distance = arrays.distance(known.features, NEIGHBOURS)
    doubt = float(np.std(distance))  # a model that is wholly unsure counts for one standard deviation
    return Guard(
        file=FILE,
        network=NETWORK,
        input=INPUT,
        neighbours=NEIGHBOURS,
        doubt=round(doubt, 6),
        modality=_limit(arrays.strangeness(known.features)),
        distance=_limit(distance + doubt * (1.0 - known.confidence)),
        true_positive_rate=TRUE_POSITIVES,
        fitted_on=known.split,
        samples=len(known.features),
    )


def _limit(raw: NDArray[np.floating]) -> Limit:
    threshold = float(np.quantile(raw, 1 - (1 - TRUE_POSITIVES) / 2, method="higher"))
    depth = max(threshold - float(np.median(raw)), 1e-6)
    return Limit(threshold=round(threshold, 6), scale=round(depth / _DEPTH, 8))
