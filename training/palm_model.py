"""A small XGBoost on few numbers: fitted, chosen and scored by repeated stratified cross-validation over people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from training.metrics import auroc

FOLDS = 5
THREADS = 1  # the models are too small to gain from more
Rows = NDArray[np.float32]
Labels = NDArray[np.int64]
Margins = NDArray[np.float64]


@dataclass(frozen=True)
class Params:
    """What is chosen; all candidates are small, since there are about a hundred people."""

    max_depth: int
    trees: int
    learning_rate: float
    min_child_weight: float
    l2: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


CANDIDATES = (
    Params(max_depth=1, trees=120, learning_rate=0.05, min_child_weight=2, l2=3),
    Params(max_depth=2, trees=60, learning_rate=0.05, min_child_weight=3, l2=5),
    Params(max_depth=2, trees=120, learning_rate=0.05, min_child_weight=3, l2=5),
    Params(max_depth=2, trees=120, learning_rate=0.05, min_child_weight=5, l2=10),
    Params(max_depth=3, trees=150, learning_rate=0.03, min_child_weight=3, l2=5),
)


def fit(x: Rows, y: Labels, params: Params, seed: int) -> xgboost.Booster:
    """A booster whose margin is the log-odds of class 1; the same for the same input and seed."""
    settings = {
        "objective": "binary:logistic",
        "max_depth": params.max_depth,
        "learning_rate": params.learning_rate,
        "min_child_weight": params.min_child_weight,
        "reg_lambda": params.l2,
        "subsample": 0.7,
        "colsample_bytree": 0.5,
        "tree_method": "exact",
        "nthread": THREADS,
        "seed": seed,
    }
    return xgboost.train(settings, xgboost.DMatrix(x, y, nthread=THREADS), num_boost_round=params.trees)


def margins(booster: xgboost.Booster, x: Rows) -> Margins:
    """Log-odds of class 1, shape (n,)."""
    booster.set_param({"nthread": THREADS})
    return np.asarray(booster.inplace_predict(x, predict_type="margin"), dtype=np.float64).reshape(-1)


def logits(margin: Margins) -> Margins:
    """(n,) → (n, 2), as the serving runtime gives them: 0 and the margin."""
    return np.stack([np.zeros_like(margin), margin], axis=1)


def out_of_fold(x: Rows, y: Labels, params: Params, seed: int) -> Margins:
    """Margins (n,), each by a model that has not seen that person."""
    found = np.zeros(len(y))
    for train, held in _folds(y, seed):
        found[held] = margins(fit(x[train], y[train], params, seed), x[held])
    return found


def choose(x: Rows, y: Labels, seed: int, repeats: int = 1) -> Params:
    """The candidate with the highest mean out-of-fold AUROC; the first of equals."""

    def score(params: Params) -> float:
        runs = [out_of_fold(x, y, params, seed + repeat) for repeat in range(repeats)]
        return float(np.mean([auroc(y, logits(run)) for run in runs]))

    return max(CANDIDATES, key=score)


def nested(x: Rows, y: Labels, seed: int) -> Margins:
    """Margins (n,), each by a model that was neither fitted nor chosen on that person."""
    found = np.zeros(len(y))
    for train, held in _folds(y, seed):
        params = choose(x[train], y[train], seed)
        found[held] = margins(fit(x[train], y[train], params, seed), x[held])
    return found


def _folds(y: Labels, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros((len(y), 1)), y)
