"""The heat map is where it should be, has the upload's shape, and holds nothing of the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from shared.imaging.overlay import Part, heat_overlay
from shared.imaging.tensor import field_of_view, resized
from shared.manifest import ImageInput


def opened(heat: list[list[float]], size: tuple[int, int], **more: Part) -> Image.Image:
    picture = Image.open(io.BytesIO(heat_overlay(np.array(heat, np.float32), size, **more)))
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


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("size", [(400, 200), (200, 400), (300, 300), (600, 200), (200, 600), (223, 225)])
def test_heat_lies_on_what_the_model_saw(resize: str, size: tuple[int, int]) -> None:
    """A picture as the model sees it, laid back over the picture, is the picture: where the model saw it."""
    spec = ImageInput(height=96, width=96, resize=resize)
    across = np.tile(np.linspace(40, 255, size[0]), (size[1], 1))
    down = np.tile(np.linspace(40, 255, size[1])[:, None], (1, size[0]))
    for picture in (across, down):
        seen = resized(Image.fromarray(picture.astype(np.uint8)).convert("RGB"), spec).convert("F")
        shown = field_of_view(size, spec)
        alpha = np.asarray(opened(np.asarray(seen).tolist(), size, shown=shown))[..., 3].astype(float)
        wanted = Image.fromarray(picture.astype(np.float32)).resize(alpha.shape[::-1], Image.Resampling.BILINEAR)
        inside = alpha > 0
        assert inside.mean() == pytest.approx(min(1, shown[2] - shown[0]) * min(1, shown[3] - shown[1]), abs=0.02)
        scaled = alpha / 170 * np.asarray(seen).max()
        assert np.abs(scaled - np.asarray(wanted))[inside].mean() < 6


@pytest.mark.parametrize("resize", ["crop", "pad"])
@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (1, 1)])
def test_a_line_of_a_picture_has_a_heat_map_too(resize: str, size: tuple[int, int]) -> None:
    shown = field_of_view(size, ImageInput(height=224, width=224, resize=resize))
    alpha = np.asarray(opened([[1.0] * 7] * 7, size, shown=shown))[..., 3]
    assert max(alpha.shape) == 224
    assert alpha.max() >= 160
