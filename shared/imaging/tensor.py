"""A picture to a model's input tensor, exactly as the bundle's manifest says. Training calls the same function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from shared.manifest import ImageInput


def image_tensor(image: Image.Image, spec: ImageInput) -> NDArray[np.float32]:
    """RGB picture → ``float32`` of shape ``(height, width, 3)``, normalised by ``spec``."""
    return normalised(resized(image, spec), spec)


def normalised(image: Image.Image, spec: ImageInput) -> NDArray[np.float32]:
    """The same of a picture that has the size already."""
    pixels = np.asarray(image, dtype=np.float32)
    if spec.standardize:
        return np.asarray((pixels - pixels.mean()) / max(float(pixels.std()), 1.0), dtype=np.float32)
    mean, std = np.asarray(spec.mean, dtype=np.float32), np.asarray(spec.std, dtype=np.float32)
    return np.asarray((pixels - mean) / std, dtype=np.float32)


def resized(image: Image.Image, spec: ImageInput) -> Image.Image:
    """RGB picture → the size that ``spec`` wants, in its way."""
    size = (spec.width, spec.height)
    if spec.resize == "crop":
        return ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    if spec.resize == "pad":
        return ImageOps.pad(image, size, Image.Resampling.BILINEAR)
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BILINEAR)


def field_of_view(size: tuple[int, int], spec: ImageInput) -> tuple[float, float, float, float]:
    """Which part of a picture of ``size`` (width, height) the tensor shows: left, top, right, bottom in parts of it.

    ``stretch`` shows it all, (0, 0, 1, 1); ``crop`` less; ``pad`` more: there, the sides lie outside it.
    """
    if spec.resize == "stretch":
        return 0.0, 0.0, 1.0, 1.0
    across, down = size[0] / spec.width, size[1] / spec.height
    shown = min(across, down) if spec.resize == "crop" else max(across, down)  # pixels of the picture per one of ours
    wide, high = shown / across, shown / down
    return (1 - wide) / 2, (1 - high) / 2, (1 + wide) / 2, (1 + high) / 2
