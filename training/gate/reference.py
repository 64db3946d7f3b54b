"""What a model's pictures and answers looked like when it was made: what drift is measured against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.inference.predictor import Inference
from shared.manifest import Bins, Reference

_BINS = 10  # deciles, as is usual for the population stability index


def fit_reference(found: Sequence[Inference], labels: Sequence[str], split: str) -> Reference:
    """Deciles of every trait, and how often each class was the most probable."""
    traits = {name: np.array([one.traits[name] for one in found]) for name in found[0].traits}
    best = [int(one.probabilities.argmax()) for one in found]
    return Reference(
        numbers={name: bins(values) for name, values in traits.items()},
        classes={label: round(best.count(at) / len(best), 4) for at, label in enumerate(labels)},
        taken_from=split,
        samples=len(found),
    )


def bins(values: np.ndarray) -> Bins:
    """The deciles of ``values`` (n,), equal ones once, and the share of values that each interval holds."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]).round(6))
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return Bins(edges=tuple(edges.tolist()), shares=tuple((counts / len(values)).round(6).tolist()))
