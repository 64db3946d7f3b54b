from __future__ import annotations

import numpy as np
import pytest

from training.calibrate import coverage, fit_conformal, fit_temperature, softmax, specificity_bias


def overconfident(n: int = 4000, factor: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``factor`` times too large for labels drawn from their own softmax."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(n, 3))
    y = np.array([rng.choice(3, p=row) for row in softmax(logits)])
    return logits * factor, y


def test_softmax_does_not_overflow() -> None:
    assert softmax(np.array([[1000.0, 0.0]])).tolist() == [[1.0, 0.0]]


def test_temperature_undoes_overconfidence() -> None:
    logits, y = overconfident()
    calibration = fit_temperature(logits, y)
    assert calibration.temperature == pytest.approx(3.0, rel=0.15)
    assert calibration.samples == len(y)


def test_conformal_sets_cover_fresh_pictures() -> None:
    logits, y = overconfident()
    probabilities = softmax(logits, 3.0)
    conformal = fit_conformal(probabilities[:2000], y[:2000])
    held, size = coverage(probabilities[2000:], y[2000:], conformal)
    assert held == pytest.approx(0.90, abs=0.02)
    assert 1 <= size <= 3


def test_too_few_pictures_keep_every_class() -> None:
    assert fit_conformal(np.array([[0.9, 0.1]] * 5), np.zeros(5, np.int64)).threshold == 1.0


def test_specificity_bias_keeps_the_sensitivity_and_no_more() -> None:
    margins = np.arange(100.0)
    logits = np.stack([np.zeros(100), margins], axis=1)
    shift = specificity_bias(logits, np.ones(100, np.int64), 0.97)
    assert shift == pytest.approx(2.5)
    assert (margins > shift).mean() == 0.97
