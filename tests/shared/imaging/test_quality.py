"""Each fault of a picture is told, and none of a good one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from shared.imaging.quality import fault, measure
from shared.manifest import QualityLimits

SIZE = (224, 224)
LIMITS = QualityLimits(
    shortest_side=64, contrast=8, sharpness=0.1, dark=0.8, bright=0.8, border=0.6, fitted_on="train", samples=10
)


def scene() -> Image.Image:
    """Sharp blocks of many greys."""
    blocks = np.random.default_rng(1).integers(20, 230, (28, 28)).astype(np.uint8)
    return Image.fromarray(blocks).resize(SIZE, Image.Resampling.NEAREST).convert("RGB")


def told(picture: Image.Image, size: tuple[int, int] = (800, 600)) -> str | None:
    return fault(measure(picture, size), LIMITS)


def framed(colour: str) -> Image.Image:
    picture = Image.new("RGB", SIZE, colour)
    picture.paste(scene().resize((90, 90)), (60, 70))
    return picture


def test_a_good_picture_has_no_fault() -> None:
    assert told(scene()) is None


@pytest.mark.parametrize(
    ("picture", "word"),
    [
        (Image.new("RGB", SIZE, (120, 90, 60)), "blank"),
        (Image.new("RGB", SIZE, "black"), "blank"),
        (scene().filter(ImageFilter.GaussianBlur(9)), "blurred"),
        (framed("black"), "dark"),
        (framed("white"), "bright"),
        (framed("grey"), "border"),
    ],
)
def test_each_fault_is_named(picture: Image.Image, word: str) -> None:
    assert word in (told(picture) or "")


def test_a_small_upload_is_told_by_its_own_size() -> None:
    assert "63 pixels" in (told(scene(), (500, 63)) or "")
    assert told(scene(), (64, 64)) is None


def test_sharpness_does_not_change_with_contrast() -> None:
    dull = Image.blend(Image.new("RGB", SIZE, (128, 128, 128)), scene(), 0.3)
    assert measure(dull, SIZE).sharpness == pytest.approx(measure(scene(), SIZE).sharpness, rel=0.02)
