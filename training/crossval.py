"""Group-wise cross-validation: what a small set can say about a recipe without touching ``test``.

The source's patient ids are not in the file names, so a group is a set of pictures that look alike (one lesion
photographed twice, one photo cropped twice): connected by the cosine of their ImageNet features. Strangers that are
joined cost nothing; two pictures of one patient that look different may still be parted, and would leak.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from training.fit import fit
from training.network import build
from training.recipes import Recipe

SIMILAR = 0.55  # cosine of centred features; of the pairs above it, looked at by eye, most are one lesion or patient


def similarity_groups(features: NDArray[np.floating], similar: float = SIMILAR) -> NDArray[np.int64]:
    """Group number (n,) of each row of ``features`` (n, d): connected components at cosine >= ``similar``."""
    centred = features - features.mean(axis=0)
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    _, groups = connected_components(unit @ unit.T >= similar, directed=False)
    return np.asarray(groups, dtype=np.int64)


def out_of_fold_logits(
    cached: NDArray[np.float16], y: NDArray[np.int64], groups: NDArray[np.int64], recipe: Recipe, log: Any = print
) -> NDArray[np.float32]:
    """Logits (n, k) of every picture by a network that saw no picture of its group.

    ``cached`` (copies, n, h, w, c) are activations of all pictures; copy 0 is undisturbed and is what is scored.
    """
    classes = int(y.max()) + 1
    logits = np.zeros((len(y), classes), np.float32)
    folds = StratifiedGroupKFold(recipe.folds, shuffle=True, random_state=recipe.seed)
    for number, (inside, outside) in enumerate(folds.split(y, y, groups), start=1):
        network = build(recipe, classes)  # fresh weights: no fold starts from what another saw
        fit(network, cached[:, inside], y[inside], recipe, log=_quiet)
        logits[outside] = network.logits(cached[0, outside])
        right = (logits[outside].argmax(axis=1) == y[outside]).mean()
        log(f"fold {number}/{recipe.folds}: {len(outside)} pictures, accuracy {right:.3f}")
    return logits


def _quiet(_: str) -> None:
    """Epochs of a fold are not worth a line each."""
