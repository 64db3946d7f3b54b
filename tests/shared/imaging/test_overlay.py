"""The heat map is where it should be, has the upload's shape, and holds nothing of the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from shared.imaging.overlay import heat_overlay


def opened(heat: list[list[float]], size: tuple[int, int]) -> Image.Image:
    picture = Image.open(io.BytesIO(heat_overlay(np.array(heat, np.float32), size)))
    return picture.convert("RGBA")


@pytest.mark.parametrize(("size", "wanted"), [((1000, 500), (224, 112)), ((30, 60), (112, 224)), ((5000, 1), (224, 1))])
def test_aspect_ratio_is_the_uploads(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert opened([[0, 1], [1, 0]], size).size == wanted


def test_hot_is_seen_and_cold_is_clear() -> None:
    alpha = np.asarray(opened([[5, -1], [-1, -3]], (224, 224)))[..., 3]
    assert alpha[10, 10] > 150
    assert alpha[-10:, -10:].max() <= 4  # the ringing of bicubic growth, not seen


@pytest.mark.parametrize("value", [0.0, -4.0])
def test_nothing_speaks_for_the_class(value: float) -> None:
    assert np.asarray(opened([[value] * 2] * 2, (64, 64)))[..., 3].max() == 0


def test_it_is_small() -> None:
    heat = np.random.default_rng(0).random((7, 7), dtype=np.float32)
    assert len(heat_overlay(heat, (224, 224))) < 30_000
