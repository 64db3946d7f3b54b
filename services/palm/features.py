"""A photo of a hand as numbers: thirteen colour features of skin and nails, and the five means of older clients.

Why colour: anaemia shows as pallor of nail beds, palms and conjunctiva (Sheth et al. 1997, "The relation of
conjunctival pallor to the presence of anemia"; Mannino et al. 2018, Nature Communications 9:4924, on nail beds).
Haemoglobin absorbs green and blue light much more than red, so log(red/green) of the reflected light rises with the
blood in the skin (erythema index: Takiwaki 1998, "Measurement of skin color", J. Med. Invest. 44:121).

No feature changes with the strength of the lamp as long as nothing is blown out: lightness is taken against the
brightest part of the picture, a* and b* against L* + 16 (in CIELAB all three grow with the cube root of the light),
red, green and blue against one another. They do change with the lamp's colour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.palm.colour import Plane, linear
from services.palm.masks import Mask
from services.palm.segmentation import Regions, segment

_REGION_FEATURES = (
    "lightness_p10",  # 10th percentile of (L* + 16) / (reference L* + 16)
    "lightness_p50",  # median of the same; reference: 95th percentile of L* over the cut-out picture
    "redness",  # median of a* / (L* + 16)
    "log_red_green",  # median of ln(R / G) of linear light: the erythema index
    "log_green_blue",  # median of ln(G / B) of linear light: falls with pallor, rises with melanin and yellow
    "hue",  # degrees, atan2(mean b*, mean a*): 0 is red, 90 is yellow
)
FEATURE_NAMES: tuple[str, ...] = (
    *(f"skin_{name}" for name in _REGION_FEATURES),
    *(f"nail_{name}" for name in _REGION_FEATURES),
    "redness_difference",  # nail_redness - skin_redness
)
MEAN_NAMES = ("red", "green", "blue", "saturation", "brightness")
_FLOOR = 1e-3  # of full light: keeps the logarithm finite on black


def extract(image: Image.Image) -> NDArray[np.float32]:
    """Upright RGB picture of any size → ``float32`` of shape ``(len(FEATURE_NAMES),)``, always finite.

    Where no skin is found the whole picture is taken for it; where no nail is found, the skin.
    """
    regions = segment(image)
    reference = float(np.percentile(regions.lab[..., 0], 95)) + 16.0
    skin = _region(regions, regions.skin, reference)
    nail = _region(regions, regions.nail, reference)
    redness = _REGION_FEATURES.index("redness")
    return np.array([*skin, *nail, nail[redness] - skin[redness]], dtype=np.float32)


def five_means(image: Image.Image) -> tuple[float, float, float, float, float]:
    """Red, green, blue, saturation and brightness, each 0…1: means over skin and nails, or over all if none is found.

    Colour is sRGB / 255; saturation (max - min) / max and brightness max are those of HSV (Smith 1978).
    """
    regions = segment(image)
    pixels = regions.pixels[regions.skin | regions.nail] / 255.0
    top, bottom = pixels.max(axis=1), pixels.min(axis=1)
    saturation = (top - bottom) / np.where(top > 0, top, 1.0)
    red, green, blue = pixels.mean(axis=0).tolist()
    return red, green, blue, float(saturation.mean()), float(top.mean())


def mean_features(image: Image.Image) -> NDArray[np.float32]:
    """The five means as ``float32`` of shape ``(5,)``."""
    return np.array(five_means(image), dtype=np.float32)


def _region(regions: Regions, mask: Mask, reference: float) -> list[float]:
    """The features of one region, in the order of ``_REGION_FEATURES``."""
    lightness, a, b = regions.lab[mask].T
    light: Plane = linear(regions.pixels[mask]) + np.float32(_FLOOR)
    dark, middle = np.percentile((lightness + 16.0) / reference, (10, 50))
    return [
        float(dark),
        float(middle),
        float(np.median(a / (lightness + 16.0))),
        float(np.median(np.log(light[:, 0] / light[:, 1]))),
        float(np.median(np.log(light[:, 1] / light[:, 2]))),
        float(np.degrees(np.arctan2(b.mean(), a.mean()))),
    ]
