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


def heat_overlay(heat: NDArray[np.float32], size: tuple[int, int]) -> bytes:
    """``heat`` (h, w), any numbers; what is not above 0 stays clear → PNG with the aspect ratio of ``size``."""
    positive = np.maximum(heat, 0.0)
    top = float(positive.max())
    scaled = positive / top if top > 0 else positive
    grown = Image.fromarray(np.asarray(scaled, dtype=np.float32)).resize(_fit(size), Image.Resampling.BICUBIC)
    index = np.clip(np.asarray(grown) * 255.0, 0, 255).astype(np.uint8)
    picture = Image.fromarray(index, mode="P")
    picture.putpalette(_palette().tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, transparency=bytes(at * _OPAQUE // 255 for at in range(256)))
    return buffer.getvalue()


def _fit(size: tuple[int, int]) -> tuple[int, int]:
    scale = _LONGEST / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _palette() -> NDArray[np.uint8]:
    """256 colours between the anchors, (256, 3)."""
    at = np.linspace(0, len(_ANCHORS) - 1, 256)
    channels = [np.interp(at, np.arange(len(_ANCHORS)), [anchor[c] for anchor in _ANCHORS]) for c in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
