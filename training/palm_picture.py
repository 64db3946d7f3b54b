"""The picture that the palm bundle is checked with at start: three fingers drawn by code, no patient is in it."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFilter

SKIN, NAIL, SHEET = (201, 150, 128), (226, 182, 176), (238, 243, 246)
_TIPS = ((70, 60), (40, 120), (80, 180))  # x of the tip, y of the middle of a finger, pixels


def hand(skin: tuple[int, int, int] = SKIN, nail: tuple[int, int, int] = NAIL) -> Image.Image:
    """Three fingers from the right with their nails on a light sheet, RGB, 256 × 240 pixels."""
    image = Image.new("RGB", (256, 240), SHEET)
    draw = ImageDraw.Draw(image)
    for tip, middle in _TIPS:
        draw.rounded_rectangle((tip, middle - 27, 300, middle + 27), radius=27, fill=skin)
        draw.rounded_rectangle((tip + 8, middle - 15, tip + 48, middle + 15), radius=12, fill=nail)
    return image.filter(ImageFilter.GaussianBlur(1.5))


def hand_png() -> bytes:
    """``hand()`` as a PNG file."""
    buffer = io.BytesIO()
    hand().save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
