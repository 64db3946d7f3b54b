import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from services.palm.colour import lab
from services.palm.features import FEATURE_NAMES, extract, five_means
from shared.imaging.intake import decode_image
from training.palm_picture import hand

NOISE = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
ODD = {
    "black": Image.new("RGB", (256, 200)),
    "white": Image.new("RGB", (256, 200), "white"),
    "skin": Image.new("RGB", (256, 200), (201, 150, 128)),
    "noise": Image.fromarray(NOISE),
    "half": Image.fromarray(np.where(np.arange(300)[None, :, None] < 150, NOISE, 255).astype(np.uint8)),
    "one pixel": Image.new("RGB", (1, 1), "pink"),
    "a line": Image.new("RGB", (500, 1), (201, 150, 128)),
    "a column": Image.new("RGB", (1, 4000), (201, 150, 128)),
    "huge aspect": Image.fromarray(NOISE[:3]).resize((9000, 3)),
    "grey": Image.new("L", (80, 60), 128),
}
TOLERANCE = {name: 3.0 if name.endswith("hue") else 0.05 for name in FEATURE_NAMES}  # hue in degrees


def assert_close(found: np.ndarray, expected: np.ndarray, factor: float = 1.0) -> None:
    for name, value, wanted in zip(FEATURE_NAMES, found, expected, strict=True):
        assert value == pytest.approx(wanted, abs=factor * TOLERANCE[name]), name


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_give_finite_numbers(name: str) -> None:
    found = extract(ODD[name])
    assert found.dtype == np.float32
    assert found.shape == (len(FEATURE_NAMES),)
    assert np.isfinite(found).all()
    assert all(0 <= mean <= 1 for mean in five_means(ODD[name]))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_any_picture_gives_finite_numbers(width: int, height: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (max(1, height // 9), max(1, width // 9), 3), dtype=np.uint8)
    assert np.isfinite(extract(Image.fromarray(blocks).resize((width, height)))).all()


def test_the_same_picture_gives_the_same_numbers_and_is_left_as_it_was() -> None:
    picture = hand()
    before = picture.tobytes()
    assert extract(picture).tobytes() == extract(picture).tobytes()
    assert five_means(picture) == five_means(picture)
    assert picture.tobytes() == before


@pytest.mark.parametrize("scale", [0.5, 2.0, 5.0])
def test_scale_does_not_matter(scale: float) -> None:
    picture = hand()
    size = (round(picture.width * scale), round(picture.height * scale))
    assert_close(extract(picture.resize(size)), extract(picture))


@pytest.mark.parametrize("gain", [0.6, 0.8, 1.04])
def test_the_strength_of_the_lamp_does_not_matter(gain: float) -> None:
    assert_close(extract(ImageEnhance.Brightness(hand()).enhance(gain)), extract(hand()))


@pytest.mark.parametrize("turn", list(Image.Transpose), ids=lambda turn: turn.name)
def test_orientation_does_not_matter(turn: Image.Transpose) -> None:
    assert_close(extract(hand().transpose(turn)), extract(hand()), 0.5)


def test_all_exif_orientations_of_an_upload_give_the_same_numbers() -> None:
    # how a stored picture has to be turned so that its tag turns it back (EXIF 2.3, tag 0x0112)
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    for tag, turn in undo.items():
        stored = hand() if turn is None else hand().transpose(turn)
        exif = Image.Exif()
        exif[0x0112] = tag
        file = io.BytesIO()
        stored.save(file, "PNG", exif=exif)
        assert extract(decode_image(file.getvalue())).tobytes() == extract(hand()).tobytes()


def test_paler_nails_are_seen() -> None:
    names = list(FEATURE_NAMES)
    pale, pink = extract(hand(nail=(226, 205, 200))), extract(hand(nail=(232, 160, 158)))
    for name in ("nail_redness", "nail_log_red_green", "redness_difference"):
        assert pale[names.index(name)] < pink[names.index(name)] - 0.02
    assert pale[names.index("skin_redness")] == pytest.approx(pink[names.index("skin_redness")], abs=0.01)


@pytest.mark.parametrize("colour", [(200, 150, 128), (0, 0, 0), (255, 255, 255), (10, 20, 200)])
def test_five_means_of_a_flat_colour_are_exact(colour: tuple[int, int, int]) -> None:
    top, bottom = max(colour), min(colour)
    saturation = (top - bottom) / top if top else 0.0
    wanted = (*(value / 255 for value in colour), saturation, top / 255)
    assert five_means(Image.new("RGB", (300, 200), colour)) == pytest.approx(wanted, abs=1e-12)


def test_lab_of_known_colours() -> None:
    # CIELAB (D65) of sRGB red, white and black, as published for the sRGB primaries
    found = lab(np.array([[255, 0, 0], [255, 255, 255], [0, 0, 0]], dtype=np.uint8))
    assert found == pytest.approx(np.array([[53.24, 80.09, 67.20], [100, 0, 0], [0, 0, 0]]), abs=0.02)
