"""Whether a picture can be read at all: measured at the size that the model sees, in fractions of a millisecond.

What is usual differs with the kind of picture (an MRI slice is mostly black), so the limits are each model's own,
fitted on its training pictures and kept in its manifest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.manifest import QualityLimits

Luma = NDArray[np.float32]
_DARK, _BRIGHT = 12.0, 243.0  # of 255
_FLAT = 6.0  # standard deviation of a row that holds nothing, JPEG's noise included


@dataclass(frozen=True)
class Quality:
    """Shares are 0…1. ``brightness`` 0…255 is the mean, ``contrast`` its standard deviation.

    ``sharpness`` is the mean size of the brightness's second difference over the contrast: it hardly changes with
    contrast, and falls with blur. ``border`` is the share of the picture outside the box that holds anything.
    """

    shortest_side: int
    brightness: float
    contrast: float
    sharpness: float
    dark: float
    bright: float
    border: float


def measure(image: Image.Image, size: tuple[int, int]) -> Quality:
    """Of a picture at the model's size; ``size`` is the upload's own (width, height)."""
    luma = np.asarray(image.convert("L"), dtype=np.float32)
    return Quality(
        shortest_side=min(size),
        brightness=float(luma.mean()),
        contrast=float(luma.std()),
        sharpness=_sharpness(luma),
        dark=float((luma < _DARK).mean()),
        bright=float((luma > _BRIGHT).mean()),
        border=_border(luma),
    )


def fault(quality: Quality, limits: QualityLimits) -> str | None:
    """What is wrong with the picture, in words that say what to do; None when nothing is."""
    if quality.shortest_side < limits.shortest_side:
        side = quality.shortest_side
        return f"The picture is too small: its shorter side has {side} pixels, {limits.shortest_side} are needed."
    if quality.contrast < limits.contrast:
        return "The picture is blank or nearly so: there is nothing in it to read."
    if quality.dark > limits.dark:
        return "The picture is too dark."
    if quality.bright > limits.bright:
        return "The picture is too bright: much of it is blown out."
    if quality.border > limits.border:
        return "Most of the picture is an empty border, as in a screenshot: cut it to what matters."
    if quality.sharpness < limits.sharpness:
        return "The picture is blurred: take or export it again, in focus and at full size."
    return None


def _sharpness(luma: Luma) -> float:
    second = np.abs(np.diff(luma, n=2, axis=0)).mean() + np.abs(np.diff(luma, n=2, axis=1)).mean()
    return float(second / (2 * luma.std())) if luma.std() > 0 else 0.0


def _border(luma: Luma) -> float:
    rows = np.flatnonzero(luma.std(axis=1) > _FLAT)
    columns = np.flatnonzero(luma.std(axis=0) > _FLAT)
    if not len(rows) or not len(columns):
        return 1.0
    return float(1 - (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / luma.size)
