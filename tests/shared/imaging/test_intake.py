"""Untrusted bytes: refused with the right code, or an upright RGB picture that looks as a viewer shows it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from shared.errors import DoctorAIError, InvalidImage, PayloadTooLarge, UnsupportedFormat
from shared.imaging.formats import PNG
from shared.imaging.intake import decode_image
from tests.support.pictures import encode, jpeg, photo, png, png_bomb

PHOTO = photo((120, 80))
PHOTO_JPEG, PHOTO_PNG = encode(PHOTO, "JPEG"), encode(PHOTO)
ORIENTATION = 0x0112
_UNDO = {  # what a camera held that way stores: the inverse of the turn that EXIF asks for
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("part", [0.01, 0.1, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("data", [PHOTO_JPEG, PHOTO_PNG], ids=["JPEG", "PNG"])
def test_a_picture_cut_short_is_invalid(data: bytes, part: float) -> None:
    with pytest.raises(InvalidImage):
        decode_image(data[: max(9, int(len(data) * part))])


def test_an_animated_png_is_unsupported() -> None:
    data = encode(Image.new("RGB", (9, 9), "red"), save_all=True, append_images=[Image.new("RGB", (9, 9), "blue")])
    with pytest.raises(UnsupportedFormat, match="animated PNG"):
        decode_image(data)


def test_an_animated_gif_is_unsupported() -> None:
    data = encode(Image.new("L", (9, 9), 1), "GIF", save_all=True, append_images=[Image.new("L", (9, 9), 200)])
    with pytest.raises(UnsupportedFormat, match="GIF"):
        decode_image(data)


def test_only_png_when_only_png_is_allowed() -> None:
    assert decode_image(png(), formats=(PNG,)).size == (64, 64)
    with pytest.raises(UnsupportedFormat, match="send PNG"):
        decode_image(jpeg(), formats=(PNG,))


def test_one_pixel_too_many_is_too_large() -> None:
    assert decode_image(png(size=(10, 10)), max_pixels=100).size == (10, 10)
    with pytest.raises(PayloadTooLarge, match="10×10 pixels"):
        decode_image(png(size=(10, 10)), max_pixels=99)


_BOMB = """
import resource, sys
from shared.errors import PayloadTooLarge
from shared.imaging.intake import decode_image
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decode_image(data)
except PayloadTooLarge:
    print("refused", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
else:
    print("decoded", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("side", [30_000, 8_000], ids=["over Pillow's limit", "over ours alone"])
def test_a_decompression_bomb_is_refused_without_its_memory(side: int) -> None:
    # a process of its own: the high-water mark of this one may be high already
    child = subprocess.run([sys.executable, "-c", _BOMB], input=png_bomb(side), capture_output=True, check=True)
    verdict, kilobytes = child.stdout.split()
    assert verdict == b"refused"
    assert int(kilobytes) < 20_000


def sketch() -> Image.Image:
    """Different in each corner, in blocks that JPEG keeps."""
    picture = Image.new("RGB", (64, 32), "white")
    for colour, at in (("red", (0, 0)), ("lime", (48, 0)), ("blue", (0, 16)), ("black", (48, 16))):
        picture.paste(colour, (*at, at[0] + 16, at[1] + 16))
    return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_gives_the_same_picture(orientation: int, kind: str) -> None:
    turn = _UNDO[orientation]
    stored = sketch() if turn is None else sketch().transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    got = decode_image(encode(stored, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {})))
    assert got.size == (64, 32)
    assert np.abs(np.asarray(got, dtype=int) - np.asarray(sketch(), dtype=int)).mean() < 3


def grey(mode: str, value: int) -> Image.Image:
    return Image.new(mode, (8, 8), value)


def with_white_corner(depth: int) -> Image.Image:
    """A 16-bit file that uses ``depth`` bits: half grey, one pixel white."""
    values = np.full((8, 8), 2 ** (depth - 1), dtype=np.uint16)
    values[0, 0] = 2**depth - 1
    return Image.fromarray(values)


def palette(transparent: int | None) -> bytes:
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 200, 100, 50])
    return encode(picture) if transparent is None else encode(picture, transparency=transparent)


PIXELS = {
    "greyscale": (encode(grey("L", 77)), (77, 77, 77)),
    "greyscale JPEG": (encode(grey("L", 77), "JPEG"), (77, 77, 77)),
    "LA": (encode(Image.new("LA", (8, 8), (0, 0))), (255, 255, 255)),
    "palette": (palette(None), (200, 100, 50)),
    "palette, another colour transparent": (palette(0), (200, 100, 50)),
    "palette, this colour transparent": (palette(1), (255, 255, 255)),
    "RGB, this colour transparent": (encode(Image.new("RGB", (8, 8), "red"), transparency=(255, 0, 0)), (255,) * 3),
    "CMYK JPEG": (encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95), (255, 0, 0)),
    "1 bit, white": (encode(grey("1", 1)), (255, 255, 255)),
    "1 bit, black": (encode(grey("1", 0)), (0, 0, 0)),
    "16 bit": (encode(with_white_corner(16)), (128, 128, 128)),
    "12 in 16 bit": (encode(with_white_corner(12)), (128, 128, 128)),
    "10 in 16 bit": (encode(with_white_corner(10)), (128, 128, 128)),
    "16 bit, black": (encode(Image.fromarray(np.zeros((8, 8), dtype=np.uint16))), (0, 0, 0)),
    "RGBA, opaque": (encode(Image.new("RGBA", (8, 8), (9, 8, 7, 255))), (9, 8, 7)),
    "RGBA, transparent black": (encode(Image.new("RGBA", (8, 8), (0, 0, 0, 0))), (255, 255, 255)),
    "RGBA, half": (encode(Image.new("RGBA", (8, 8), (0, 0, 0, 128))), (127, 127, 127)),
}


@pytest.mark.parametrize("name", PIXELS)
def test_every_kind_of_pixel_becomes_rgb_over_white(name: str) -> None:
    data, colour = PIXELS[name]
    picture = decode_image(data)
    assert picture.mode == "RGB"
    pixel = picture.getpixel((4, 4))
    assert isinstance(pixel, tuple)
    assert max(abs(int(got) - want) for got, want in zip(pixel, colour, strict=True)) <= 3, pixel


def _small(kind: str, **options: object) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "a camera"
    return encode(photo((24, 16)), kind, exif=exif, **options)


SEEDS = (_small("JPEG"), _small("JPEG", progressive=True), _small("PNG"), palette(1), encode(with_white_corner(12)))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid picture with a few bytes flipped, cut out or put in."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        what = draw(st.sampled_from(("flip", "cut", "insert")))
        if what == "flip" and data:
            data[at] ^= draw(st.integers(1, 255))
        elif what == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        else:
            data[at:at] = draw(st.binary(min_size=1, max_size=8))
    return bytes(data)


@example(b"\xff\xd8\xff")
@example(SEEDS[0][:-1])
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_damage_is_never_a_surprise(data: bytes) -> None:
    try:
        picture = decode_image(data, max_pixels=1_000_000, target=(8, 8))
    except DoctorAIError:
        return
    assert picture.mode == "RGB"
