"""The synthetic picture that a bundle is checked with at start: drawn from a seed, no patient is in it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def golden_png(seed: int, size: int = 224) -> bytes:
    """A PNG of soft ellipses on a gradient, RGB, ``size`` x ``size``; the same bytes for the same seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(np.float64) / size
    canvas = np.stack([40 + 60 * rng.random() * x + 60 * rng.random() * y for _ in range(3)], axis=-1)
    for _ in range(12):
        cx, cy, rx, ry = rng.uniform(0.1, 0.9, 2).tolist() + rng.uniform(0.04, 0.3, 2).tolist()
        mask = np.clip(4 * (1 - np.hypot((x - cx) / rx, (y - cy) / ry)), 0, 1)[..., None]
        canvas = canvas * (1 - mask) + rng.uniform(20, 235, 3) * mask
    buffer = io.BytesIO()
    Image.fromarray(canvas.clip(0, 255).astype(np.uint8)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
