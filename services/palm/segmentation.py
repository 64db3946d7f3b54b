"""Where the skin and the nails are in a photo of a hand. NumPy only, no learned part, any orientation.

Skin is found by its warm colour against the rest of the picture (Otsu 1979, "A threshold selection method from
gray-level histograms", on CIELAB a* + b*), nails as what is lighter and less yellow than the finger around them,
near a finger's end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.palm.colour import Plane, lab
from services.palm.masks import Mask, density, dilate, erode, fill_holes, groups, largest, opened, window_sum

LARGEST, COARSE, FINE = 640, 64, 144  # longest side in pixels: to work on, to find the hand, to look at it
MIN_SKIN = 0.02  # of the picture: less is no hand
MIN_BLOB = 0.005  # of the skin: less is a wrinkle or a highlight, not a nail
MIN_FILLED = 0.5  # of a nail's bounding box: less is a thin or bent thing
MIN_STRENGTH = 0.6  # of the most prominent nail's contrast
TIP = 0.9  # share of skin around a pixel: more is inside the hand, less is near a finger's end
SATURATED = 98.0  # L*: nothing can be told of the colour of blown-out pixels


@dataclass(frozen=True)
class Regions:
    """``pixels`` RGB ``uint8`` of shape ``(height, width, 3)``, its CIELAB planes, and masks of ``(height, width)``.

    ``skin`` is without the nails. Where no skin is found it is the whole picture, where no nail is found ``nail``
    is ``skin``, so that neither is ever empty; ``skin_found`` and ``nail_found`` tell.
    """

    pixels: NDArray[np.uint8]
    lab: Plane
    skin: Mask
    nail: Mask
    skin_found: bool
    nail_found: bool


def segment(image: Image.Image) -> Regions:
    """Skin and nails of an RGB picture of any size; the picture is cut to the hand and scaled to ``FINE`` first."""
    picture = _bounded(image if image.mode == "RGB" else image.convert("RGB"), LARGEST)
    pixels = np.asarray(_bounded(_cut_out_hand(picture), FINE))
    colours = lab(pixels)
    hand = _hand(colours)
    if hand is None:
        whole = np.ones(pixels.shape[:2], dtype=np.bool_)
        return Regions(pixels, colours, whole, whole, False, False)
    nail = _nails(colours, hand)
    skin = erode(hand, 1) & ~dilate(nail, 2)
    if not nail.any() or not skin.any():
        return Regions(pixels, colours, hand, hand, True, False)
    return Regions(pixels, colours, skin, nail, True, True)


def cut_out(image: Image.Image) -> Image.Image:
    """The part of an RGB picture with the hand; all of it where no hand is found."""
    return _cut_out_hand(_bounded(image, LARGEST))


def _bounded(image: Image.Image, side: int) -> Image.Image:
    """Scaled down so that no side is longer than ``side``; a small picture is left as it is."""
    scale = side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _cut_out_hand(image: Image.Image) -> Image.Image:
    """The part of the picture with the hand, so that a small hand is looked at as closely as a large one."""
    hand = _hand(lab(np.asarray(_bounded(image, COARSE))))
    if hand is None:
        return image
    rows, columns = np.flatnonzero(hand.any(1)), np.flatnonzero(hand.any(0))
    across, down = image.width / hand.shape[1], image.height / hand.shape[0]
    left, top = int(max(columns[0] - 2, 0) * across), int(max(rows[0] - 2, 0) * down)
    right, bottom = int((columns[-1] + 3) * across), int((rows[-1] + 3) * down)
    return image.crop((left, top, min(right, image.width), min(bottom, image.height)))


def _hand(colours: Plane) -> Mask | None:
    """The largest group of warm pixels with what it encloses; None when there is too little."""
    warmth = colours[..., 1] + colours[..., 2]
    warm = (warmth > _warm_threshold(warmth)) & (colours[..., 1] > 0) & (colours[..., 0] > 10)
    radius = max(1, round(max(warm.shape) / 64))
    solid = opened(warm, radius)
    if solid.mean() < MIN_SKIN:
        return None
    return fill_holes(solid & largest(dilate(solid, 3 * radius)))  # fingers that do not touch are one hand


def _warm_threshold(warmth: Plane) -> float:
    """Between background and skin, nearer the background since nails are paler; at least 4 (grey is 0)."""
    split = otsu(warmth)
    low, high = warmth[warmth <= split], warmth[warmth > split]
    if not high.size or (background := float(np.median(low))) > 12:
        return 4.0
    return max(4.0, background + 0.3 * (float(np.median(high)) - background))


def _nails(colours: Plane, hand: Mask) -> Mask:
    """Compact blobs near a finger's end that are lighter and less yellow than what surrounds them; may be empty."""
    side = max(hand.shape)
    inner = erode(hand, max(1, side // 64))
    pallor = 0.4 * colours[..., 0] - 100.0 * colours[..., 2] / (colours[..., 0] + 16.0)
    contrast = _mean_around(pallor, hand, side // 80) - _mean_around(pallor, hand, side // 8)
    tips = inner & (density(hand, side // 6) < TIP)
    if not tips.any():
        return tips
    found = tips & (contrast > max(otsu(contrast[tips]), 2.0)) & (colours[..., 0] < SATURATED)
    return _nail_like(opened(found, max(1, side // 96)), contrast, MIN_BLOB * float(hand.sum()))


def _mean_around(values: Plane, mask: Mask, radius: int) -> NDArray[np.float64]:
    """Mean of ``values`` over the part of ``mask`` in the window around each pixel; 0 where there is none."""
    mean: NDArray[np.float64] = window_sum(values * mask, radius) / np.maximum(window_sum(mask, radius), 1.0)
    return mean


def _nail_like(mask: Mask, contrast: NDArray[np.float64], area: float) -> Mask:
    """The groups of at least ``area`` pixels that fill most of their box and stand out about as much as the best."""
    numbers = groups(mask)
    blobs = [numbers == number for number in np.unique(numbers[mask])]
    blobs = [blob for blob in blobs if blob.sum() >= max(area, MIN_FILLED * _box_area(blob))]
    strength = [float(contrast[blob].mean()) for blob in blobs]
    kept = np.zeros_like(mask)
    for blob, value in zip(blobs, strength, strict=True):
        kept |= blob & (value >= MIN_STRENGTH * max(strength))
    return kept


def _box_area(mask: Mask) -> int:
    return int(mask.any(0).sum()) * int(mask.any(1).sum())


def otsu(values: Plane | NDArray[np.float64], bins: int = 64) -> float:
    """The value that parts ``values`` into two groups with the least variance within; their value when all equal."""
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-6:
        return high
    counts, edges = np.histogram(values, bins, (low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    total = np.cumsum(counts * centres)
    between = below * above * (total[:-1] / below - (total[-1] - total[:-1]) / above) ** 2  # ends are never empty
    return float(edges[1 + int(between.argmax())])
