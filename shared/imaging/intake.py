"""The only way a picture gets in: checked by its bytes, bounded before it is decoded, upright RGB afterwards."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection

import numpy as np
from PIL import Image, ImageOps

from shared.errors import InvalidImage, PayloadTooLarge, UnsupportedFormat
from shared.imaging.formats import DEFAULT_MAX_PIXELS, JPEG, PNG
from shared.imaging.polyglot import find_second_file
from shared.imaging.sniff import check_image

_DEPTHS = (8, 10, 12, 14, 16)


def decode_image(
    data: bytes,
    *,
    formats: Collection[str] = (JPEG, PNG),
    max_pixels: int = DEFAULT_MAX_PIXELS,
    target: tuple[int, int] | None = None,
) -> Image.Image:
    """Decodes untrusted bytes to an upright 8-bit RGB picture.

    ``target`` is the (width, height) that the caller will scale to: a JPEG much larger than twice that is decoded
    at a half, a quarter or an eighth of its size, which is many times faster and gives the same input.

    Raises InvalidImage (not an image, truncated, polyglot), UnsupportedFormat, PayloadTooLarge (too many pixels).
    """
    kind = check_image(data, formats)
    second = find_second_file(data, kind)
    if second:
        raise InvalidImage(f"The file is a {kind} image and also {second}: a polyglot is refused.")
    with warnings.catch_warnings():
        # Pillow warns of damaged EXIF, and below twice its own pixel limit: the picture is decoded all the same, and
        # our limit is checked from the header, before any pixel.
        warnings.simplefilter("ignore")
        return _to_rgb(_open(data, kind, max_pixels, target))


def _open(data: bytes, kind: str, max_pixels: int, target: tuple[int, int] | None) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=(kind,))
        _check_size(image, max_pixels)
        if kind == PNG and getattr(image, "is_animated", False):
            raise UnsupportedFormat("The file is an animated PNG; send a single picture.")
        if target and image.mode in ("L", "RGB"):
            # orientation may swap the sides, so the draft covers the longer one both ways
            longest = 2 * max(target)
            image.draft(image.mode, (longest, longest))
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return image
    except Image.DecompressionBombError as error:
        raise PayloadTooLarge(f"The image has more than {max_pixels:,} pixels.") from error
    except (OSError, ValueError, SyntaxError, EOFError, ZeroDivisionError, OverflowError, TypeError) as error:
        raise InvalidImage(f"The {kind} image is damaged or cut short ({error}).") from error


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise PayloadTooLarge(f"The image has {width}×{height} pixels; the limit is {max_pixels:,}.")


def _to_rgb(image: Image.Image) -> Image.Image:
    # a copy of a picture at the limit is 160 MB, so none is made that need not be
    if image.mode.startswith("I"):
        return _from_deep(image)
    if image.mode != "CMYK" and ("A" in image.mode or "transparency" in image.info):
        # what a viewer shows: the picture on white
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """More than 8 bits a pixel, greyscale: scaled by the smallest depth that holds it.

    Scanners store 10, 12 or 14 bits in a 16-bit file; scaled by 65,535 such a picture would be black.
    """
    values = np.asarray(image)
    top = int(values.max(initial=0))
    depth = next(bits for bits in _DEPTHS if top < 2**bits)
    table = (np.arange(2**depth) * (255.0 / (2**depth - 1))).round().astype(np.uint8)
    grey = np.empty(values.shape, dtype=np.uint8)
    for at, row in enumerate(values):  # by rows: indices of a whole picture would be 64 bits a pixel
        grey[at] = table[row]
    return Image.fromarray(grey).convert("RGB")
