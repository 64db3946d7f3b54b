"""The tensor is what the manifest says, whichever way the picture came."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from shared.imaging.intake import decode_image
from shared.imaging.tensor import image_tensor
from shared.manifest import ImageInput
from tests.support.pictures import encode, png

SPEC = ImageInput(height=20, width=30, mean=(10.0, 20.0, 30.0), std=(2.0, 4.0, 5.0))


def test_shape_is_height_first_and_each_channel_has_its_own_mean_and_std() -> None:
    tensor = image_tensor(Image.new("RGB", (50, 40), (110, 120, 130)), SPEC)
    assert (tensor.shape, tensor.dtype) == ((20, 30, 3), np.float32)
    assert np.allclose(tensor, (50.0, 25.0, 20.0))


def test_the_default_is_zero_to_one() -> None:
    picture = Image.new("RGB", (4, 4), (0, 255, 51))
    assert np.allclose(image_tensor(picture, ImageInput(height=4, width=4))[0, 0], (0.0, 1.0, 0.2))


def test_standardize_gives_zero_mean_and_unit_variance_and_survives_one_colour() -> None:
    spec = ImageInput(height=16, width=16, standardize=True)
    varied = image_tensor(Image.linear_gradient("L").convert("RGB"), spec)
    assert abs(float(varied.mean())) < 1e-5
    assert abs(float(varied.std()) - 1) < 1e-3
    assert not image_tensor(Image.new("RGB", (16, 16), "red").convert("L").convert("RGB"), spec).any()


def wide() -> Image.Image:
    """Green in the middle third, red at the sides."""
    picture = Image.new("RGB", (300, 100), "red")
    picture.paste("lime", (100, 0, 200, 100))
    return picture


@pytest.mark.parametrize(
    ("resize", "corner", "centre"),
    [("stretch", (1, 0, 0), (0, 1, 0)), ("crop", (0, 1, 0), (0, 1, 0)), ("pad", (0, 0, 0), (0, 1, 0))],
)
def test_the_three_ways_to_resize(resize: str, corner: tuple[int, ...], centre: tuple[int, ...]) -> None:
    spec = ImageInput.model_validate({"height": 60, "width": 60, "resize": resize})
    tensor = image_tensor(wide(), spec)
    assert np.allclose(tensor[2, 2], corner)
    assert np.allclose(tensor[30, 30], centre)


def test_a_large_jpeg_decoded_as_a_draft_gives_nearly_the_same_tensor() -> None:
    picture = Image.radial_gradient("L").convert("RGB").resize((2048, 1536))
    picture.paste((200, 30, 60), (300, 200, 900, 1100))
    data = encode(picture, "JPEG", quality=95)
    spec = ImageInput(height=96, width=96)
    whole, draft = decode_image(data), decode_image(data, target=(96, 96))
    assert (whole.size, draft.size) == ((2048, 1536), (256, 192))
    difference = np.abs(image_tensor(whole, spec) - image_tensor(draft, spec))
    assert difference.mean() < 0.005
    assert difference.max() < 0.1


@pytest.mark.parametrize("size", [(96, 96), (191, 300), (400, 191)])
def test_a_draft_is_never_smaller_than_twice_the_target_or_the_picture(size: tuple[int, int]) -> None:
    data = encode(Image.new("RGB", size, "teal"), "JPEG")
    assert decode_image(data, target=(96, 96)).size == size


def test_the_target_changes_nothing_for_a_png() -> None:
    assert decode_image(png(size=(800, 800)), target=(10, 10)).size == (800, 800)
