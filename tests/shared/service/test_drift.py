"""Nothing is said of few predictions, little of the same source, and much of another."""

from __future__ import annotations

import numpy as np
import pytest

from shared.inference.predictor import Inference
from shared.manifest import Bins, Reference
from shared.service.drift import CLASSES, FEWEST, WINDOW, DriftWatch, level, stability_index

EDGES = tuple(float(edge) for edge in np.linspace(0.55, 0.95, 9))
REFERENCE = Reference(
    numbers={"confidence": Bins(edges=EDGES, shares=(0.1,) * 10)},
    classes={"a": 0.5, "b": 0.5},
    taken_from="val",
    samples=300,
)


def fed(confidences: np.ndarray, first: np.ndarray) -> DriftWatch:
    watch = DriftWatch(REFERENCE, ("a", "b"))
    for p, is_first in zip(confidences, first, strict=True):
        watch.add(Inference("image", np.array([p, 1 - p] if is_first else [1 - p, p]), 1, 1))
    return watch


def test_few_say_nothing() -> None:
    watch = fed(np.full(FEWEST - 1, 0.7), np.ones(FEWEST - 1))
    assert watch.index() == {}
    assert watch.report()["level"] == "unknown"


def test_the_same_source_is_stable() -> None:
    rng = np.random.default_rng(0)
    index = fed(rng.uniform(0.5, 1, WINDOW), rng.random(WINDOW) < 0.5).index()
    assert set(index) == {"confidence", CLASSES}
    assert max(index.values()) < 0.1


def test_another_source_is_not() -> None:
    rng = np.random.default_rng(0)
    report = fed(rng.uniform(0.5, 0.65, WINDOW), rng.random(WINDOW) < 0.95).report()
    assert report["level"] == "large"
    assert report["psi"]["confidence"] > 0.25
    assert report["psi"][CLASSES] > 0.25


def test_only_the_last_count() -> None:
    watch = fed(np.full(WINDOW, 0.51), np.ones(WINDOW))
    rng = np.random.default_rng(1)
    for p in rng.uniform(0.5, 1, WINDOW):
        watch.add(Inference("image", np.array([p, 1 - p] if rng.random() < 0.5 else [1 - p, p]), 1, 1))
    assert watch.report()["window"] == WINDOW
    assert level(watch.index()) == "stable"


def test_index_by_hand() -> None:
    assert stability_index([0.5, 0.5], [0.5, 0.5]) == 0
    assert stability_index([0.5, 0.5], [0.8, 0.2]) == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))
