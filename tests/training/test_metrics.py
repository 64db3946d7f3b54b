from __future__ import annotations

import numpy as np
import pytest

from training.metrics import auroc, calibration_error, confusion, evaluate

LABELS = ("a", "b", "c")


def sample(n: int = 150, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(n) % classes)
    scores = rng.random((n, classes)) + 0.5 * np.eye(classes)[y]
    return y, scores / scores.sum(axis=1, keepdims=True)


def test_auroc_is_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is a training dependency")
    y, probabilities = sample()
    assert auroc(y, probabilities) == pytest.approx(metrics.roc_auc_score(y, probabilities, multi_class="ovr"))
    y, probabilities = sample(classes=2)
    assert auroc(y, probabilities) == pytest.approx(metrics.roc_auc_score(y, probabilities[:, 1]))


def test_tied_scores_count_half() -> None:
    assert auroc(np.array([0, 1]), np.full((2, 2), 0.5)) == 0.5


def test_intervals_hold_the_value_and_repeat_with_the_seed() -> None:
    y, probabilities = sample()
    first, second = (evaluate(y, probabilities, LABELS) for _ in range(2))
    assert first == second
    assert first.resamples >= 2000
    for estimate in (first.accuracy, first.auroc, *first.recall.values()):
        assert estimate.low < estimate.value < estimate.high


def test_interval_is_about_that_of_the_normal_approximation() -> None:
    y, probabilities = sample(900)
    accuracy = evaluate(y, probabilities, LABELS).accuracy
    expected = 1.96 * np.sqrt(accuracy.value * (1 - accuracy.value) / 900)
    assert (accuracy.high - accuracy.low) / 2 == pytest.approx(expected, rel=0.1)


def test_a_perfect_score_is_not_certain() -> None:
    y = np.repeat([0, 1], 10)
    report = evaluate(y, np.eye(2)[y], ("a", "b"))
    assert report.accuracy.value == report.accuracy.high == 1.0
    assert report.accuracy.low == pytest.approx(0.025 ** (1 / 20))  # Clopper-Pearson of 20 of 20


def test_confusion_rows_are_the_truth() -> None:
    assert confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2) == ((1, 1), (0, 1))


def test_a_confident_liar_has_a_large_calibration_error() -> None:
    y = np.array([0, 1] * 10)
    assert calibration_error(y, np.tile([1.0, 0.0], (20, 1))) == pytest.approx(0.5)
    assert calibration_error(y, np.tile([0.5, 0.5], (20, 1))) == pytest.approx(0.0)


def test_shapes_and_missing_classes_are_refused() -> None:
    y, probabilities = sample()
    with pytest.raises(ValueError, match="shape"):
        evaluate(y, probabilities, ("a", "b"))
    with pytest.raises(ValueError, match="not all of"):
        evaluate(np.zeros_like(y), probabilities, LABELS)


def test_a_report_is_plain_numbers() -> None:
    plain = evaluate(*sample(), LABELS).to_dict()
    assert plain["labels"] == list(LABELS)
    assert set(plain["accuracy"]) == {"value", "low", "high"}
    assert sum(sum(row) for row in plain["confusion"]) == plain["samples"] == 150
