"""Colour spaces, as NumPy on whole pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

# IEC 61966-2-1 (sRGB): transfer function, and the primaries' XYZ over the D65 white point
_CODES = np.arange(256) / 255.0
_LINEAR = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_TO_WHITE = (_XYZ / _XYZ.sum(axis=1, keepdims=True)).T.astype(np.float32)
_EDGE = 216 / 24389  # CIE 15:2004, where the cube root gives way to a line


def linear(pixels: NDArray[np.uint8]) -> Plane:
    """sRGB ``uint8`` → light, 0…1, same shape."""
    return _LINEAR[pixels]


def lab(pixels: NDArray[np.uint8]) -> Plane:
    """sRGB ``uint8`` of shape ``(..., 3)`` → CIELAB (D65, CIE 15:2004): L* 0…100, a* and b* about -128…127."""
    ratio = linear(pixels) @ _TO_WHITE
    root = np.where(ratio > _EDGE, np.cbrt(ratio), ratio * (24389 / 27 / 116) + 16 / 116)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)
