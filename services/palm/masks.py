"""Binary pictures in NumPy: windows, morphology and connected groups, without a further library."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Number = NDArray[np.floating[Any]] | NDArray[np.integer[Any]] | Mask


def window_sum(values: Number, radius: int, border: Literal["constant", "edge"] = "constant") -> NDArray[Any]:
    """Sum over the square of ``2 * radius + 1`` pixels around each pixel, by an integral image; same shape.

    Beyond the picture are zeros ("constant") or what is at its border ("edge").
    """
    kind: type[np.generic] = np.int32 if values.dtype == np.bool_ else np.float64
    padded: NDArray[Any] = np.pad(values.astype(kind), radius, mode=border)
    table: NDArray[Any] = np.zeros((padded.shape[0] + 1, padded.shape[1] + 1), dtype=kind)
    padded.cumsum(0, dtype=kind, out=padded).cumsum(1, dtype=kind, out=table[1:, 1:])
    side = 2 * radius + 1
    sums: NDArray[Any] = table[side:, side:] - table[:-side, side:] - table[side:, :-side] + table[:-side, :-side]
    return sums


def density(mask: Mask, radius: int) -> NDArray[np.float64]:
    """Share of ``mask`` in the window, 0…1; beyond the border the picture is taken to go on as it is there."""
    return window_sum(mask, radius, "edge") / (2 * radius + 1) ** 2


def dilate(mask: Mask, radius: int) -> Mask:
    """``mask`` grown by ``radius`` pixels (square)."""
    return window_sum(mask, radius) > 0.5


def erode(mask: Mask, radius: int) -> Mask:
    """``mask`` shrunk by ``radius`` pixels (square), but not at the picture's border."""
    return window_sum(mask, radius, "edge") > (2 * radius + 1) ** 2 - 0.5


def opened(mask: Mask, radius: int) -> Mask:
    """``mask`` without what is narrower than ``2 * radius + 1`` pixels."""
    return dilate(erode(mask, radius), radius)


def groups(mask: Mask) -> NDArray[np.int64]:
    """Connected groups (4 neighbours): a number above 0 for each pixel of ``mask``, the same within a group; else 0.

    Runs of each row are joined with the runs below by hooking and pointer jumping (Shiloach & Vishkin 1982).
    """
    before = np.pad(mask, ((0, 0), (1, 0)))[:, :-1]
    runs = np.cumsum(mask & ~before).reshape(mask.shape) * mask
    both = mask[:-1] & mask[1:]
    pairs = np.stack([runs[:-1][both], runs[1:][both]])
    pairs = pairs[:, np.any(np.diff(pairs, axis=1, prepend=-1), axis=0)]  # a pair of runs touches along many pixels
    parent = np.arange(int(runs.max(initial=0)) + 1)
    while True:
        upper, lower = parent[pairs]
        if np.array_equal(upper, lower):
            return parent[runs]
        np.minimum.at(parent, np.maximum(upper, lower), np.minimum(upper, lower))
        while not np.array_equal(parent, parent[parent]):
            parent = parent[parent]


def largest(mask: Mask) -> Mask:
    """The group with the most pixels; empty for an empty mask."""
    numbers = groups(mask)
    sizes = np.bincount(numbers[mask])
    return numbers == int(sizes.argmax()) if sizes.size else mask


def fill_holes(mask: Mask) -> Mask:
    """``mask`` and what it encloses."""
    outside = groups(~mask)
    border = np.concatenate([outside[0], outside[-1], outside[:, 0], outside[:, -1]])
    return mask | ~np.isin(outside, border[border > 0])
