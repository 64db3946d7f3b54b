"""A heat map as a PNG to lay over the upload: only the heat, so that no pixel of a patient's picture is in the answer.

The answer is kept in the cache, and no image is ever written there. A palette with its own transparency, small and
hardly compressed, costs a fraction of a millisecond.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LONGEST = 224  # pixels: a heat map of 7 × 7 cells shows no more on a larger one
_OPAQUE = 170  # of 255, where the heat is greatest
_ANCHORS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))  # viridis: readable by all


Part = tuple[float, float, float, float]


def heat_overlay(heat: NDArray[np.float32], size: tuple[int, int], shown: Part = (0, 0, 1, 1)) -> bytes:
    """``heat`` (h, w), any numbers; what is not above 0 stays clear → PNG with the aspect ratio of ``size``.

    ``shown``: which part of the picture the heat is of (`field_of_view`); what lies outside the picture is left out.
    """
    positive = np.maximum(heat, 0.0)
    top = float(positive.max())
    scaled = positive / top if top > 0 else positive
    grown = _placed(Image.fromarray(np.asarray(scaled, dtype=np.float32)), _fit(size), shown)
    index = np.clip(np.asarray(grown) * 255.0, 0, 255).astype(np.uint8)
    picture = Image.fromarray(index, mode="P")
    picture.putpalette(_palette().tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, transparency=bytes(at * _OPAQUE // 255 for at in range(256)))
    return buffer.getvalue()


def _placed(heat: Image.Image, size: tuple[int, int], shown: Part) -> Image.Image:
    """``heat`` grown to where it belongs on an empty picture of ``size``."""
    spans = [_span(shown[axis], shown[axis + 2], heat.size[axis], size[axis]) for axis in (0, 1)]
    (left, right, from_x, to_x), (top, bottom, from_y, to_y) = spans
    box = (from_x, from_y, to_x, to_y)
    grown = heat.resize((right - left, bottom - top), Image.Resampling.BICUBIC, box=box)
    canvas = Image.new("F", size)
    canvas.paste(grown, (left, top))
    return canvas


def _span(start: float, end: float, cells: int, pixels: int) -> tuple[int, int, float, float]:
    """On one axis: the pixels from and to that the heat covers, and the cells of it that lie on them."""
    first = min(round(max(start, 0.0) * pixels), pixels - 1)
    last = max(round(min(end, 1.0) * pixels), first + 1)
    scale = cells / (end - start)
    return first, last, max(-start, 0.0) * scale, cells - max(end - 1.0, 0.0) * scale


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    scale = _LONGEST / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _palette() -> NDArray[np.uint8]:
    """256 colours between the anchors, (256, 3)."""
    at = np.linspace(0, len(_ANCHORS) - 1, 256)
    channels = [np.interp(at, np.arange(len(_ANCHORS)), [anchor[c] for anchor in _ANCHORS]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
