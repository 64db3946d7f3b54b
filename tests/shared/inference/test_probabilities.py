"""Softmax at a temperature, and the conformal set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.inference.probabilities import prediction_set, softmax
from shared.manifest import Calibration, Conformal

LOGITS = st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=8)


def at(temperature: float) -> Calibration:
    return Calibration(temperature=temperature, fitted_on="val", samples=1)


def lac(threshold: float) -> Conformal:
    return Conformal(coverage=0.9, threshold=threshold, fitted_on="val", samples=1)


def test_softmax_by_hand() -> None:
    assert softmax(np.log(np.float32([1, 3])), None) == pytest.approx([0.25, 0.75])
    assert softmax(2 * np.log(np.float32([1, 3])), at(2.0)) == pytest.approx([0.25, 0.75])


@given(LOGITS, st.floats(0.05, 20))
def test_probabilities_sum_to_one_and_keep_the_order(values: list[float], temperature: float) -> None:
    logits = np.asarray(values, dtype=np.float32)
    answer = softmax(logits, at(temperature))
    assert answer.dtype == np.float64
    assert answer.sum() == pytest.approx(1)
    assert answer[int(logits.argmax())] == answer.max()


@given(LOGITS)
def test_a_higher_temperature_is_never_more_confident(values: list[float]) -> None:
    logits = np.asarray(values, dtype=np.float32)
    assert softmax(logits, at(3.0)).max() <= softmax(logits, None).max() + 1e-12


def test_no_threshold_no_set() -> None:
    assert prediction_set(np.array([0.9, 0.1]), None) is None


@pytest.mark.parametrize(
    ("threshold", "members"), [(0.0, [1]), (0.25, [1]), (0.4, [1]), (0.75, [1, 2]), (0.9, [1, 2, 0]), (1.0, [1, 2, 0])]
)
def test_the_set_holds_the_classes_within_the_threshold_most_probable_first(
    threshold: float, members: list[int]
) -> None:
    assert prediction_set(np.array([0.125, 0.75, 0.25]), lac(threshold)) == members


def test_a_tie_keeps_the_labels_order() -> None:
    assert prediction_set(np.array([0.5, 0.5]), lac(0.5)) == [0, 1]
