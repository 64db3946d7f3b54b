from __future__ import annotations

import numpy as np
import pytest

from training.augment import Augmentation, augment
from training.recipes import RECIPES

STILL = Augmentation(
    area=(1.0, 1.0), aspect=0, rotation=0, mirror=False, brightness=0, contrast=0, gamma=0, p_degrade=0
)


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("model", sorted(RECIPES))
def test_same_seed_same_picture(model: str) -> None:
    how = RECIPES[model].augmentation
    first, second, other = (augment(picture(), how, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    assert (first == second).all()
    assert (first != other).any()


def test_nothing_asked_nothing_changed() -> None:
    changed = augment(picture(), STILL, np.random.default_rng(0)).astype(int)
    assert np.abs(changed - picture()).max() <= 1


def test_no_black_edge_comes_in() -> None:
    how = Augmentation(rotation=20, brightness=0, contrast=0, gamma=0, p_degrade=0)
    white = np.full((64, 64, 3), 255, np.uint8)
    assert all(augment(white, how, np.random.default_rng(seed)).min() == 255 for seed in range(20))
