"""Honest disturbance of training pictures: what another camera, scanner, stain or upload would change, no more.

Every picture is disturbed from its own seed, so a run gives the same pictures in any order and on any machine.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

Pixels = NDArray[np.uint8]
Rng = np.random.Generator

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class Augmentation:
    """How far a picture may be moved. Shares and gains are relative, angles are degrees, ``p`` are probabilities."""

    area: tuple[float, float] = (0.7, 1.0)
    aspect: float = 0.1
    rotation: float = 10.0
    mirror: bool = True
    quarter_turns: bool = False
    brightness: float = 0.2
    contrast: float = 0.3
    gamma: float = 0.3
    colour: float = 0.0
    saturation: float = 0.0
    p_equalize: float = 0.0
    p_degrade: float = 0.25


def augment(pixels: Pixels, how: Augmentation, rng: Rng) -> Pixels:
    """One disturbed copy of ``pixels`` (h, w, 3), of the same shape."""
    image = _move(pixels, how, rng)
    if rng.random() < how.p_equalize:
        image = Image.blend(image, ImageOps.equalize(image), rng.uniform(0.2, 0.9))
    image = _tones(image, how, rng)
    if how.colour or how.saturation:
        image = _colours(image, how, rng)
    return np.asarray(_degrade(image, how, rng), dtype=np.uint8)


def _move(pixels: Pixels, how: Augmentation, rng: Rng) -> Image.Image:
    """Crop, turn and mirror in one resampling; what comes in from outside is a reflection, never a black edge."""
    if how.quarter_turns:
        pixels = np.rot90(pixels, int(rng.integers(4)))
    if how.mirror and rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    height, width = pixels.shape[:2]
    border = height // 4
    padded = Image.fromarray(np.pad(pixels, ((border, border), (border, border), (0, 0)), mode="reflect"))
    matrix = _affine((width, height), border, how, rng)
    return padded.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def _affine(size: tuple[int, int], border: int, how: Augmentation, rng: Rng) -> tuple[float, ...]:
    """Pillow's six numbers: output (x, y) → input, about the crop's centre."""
    width, height = size
    side = np.sqrt(rng.uniform(*how.area))
    stretch = np.exp(rng.uniform(-how.aspect, how.aspect) / 2)
    angle = np.deg2rad(rng.uniform(-how.rotation, how.rotation))
    sx, sy = side * stretch, side / stretch
    cx = border + width / 2 + rng.uniform(-0.5, 0.5) * width * max(0.0, 1 - sx)
    cy = border + height / 2 + rng.uniform(-0.5, 0.5) * height * max(0.0, 1 - sy)
    a, b, d, e = sx * np.cos(angle), -sy * np.sin(angle), sx * np.sin(angle), sy * np.cos(angle)
    numbers = (a, b, cx - a * width / 2 - b * height / 2, d, e, cy - d * width / 2 - e * height / 2)
    return tuple(float(number) for number in numbers)


def _tones(image: Image.Image, how: Augmentation, rng: Rng) -> Image.Image:
    """Gamma, contrast and brightness as one look-up table."""
    x = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-how.gamma, how.gamma))
    middle = float(np.asarray(image.convert("L")).mean()) / 255
    x = (x - middle) * np.exp(rng.uniform(-how.contrast, how.contrast)) + middle
    x = x * np.exp(rng.uniform(-how.brightness, how.brightness))
    table = np.clip(x * 255, 0, 255).round().astype(np.uint8).tolist()
    return image.point(table * 3)


def _colours(image: Image.Image, how: Augmentation, rng: Rng) -> Image.Image:
    """White balance (a gain for each channel) and saturation."""
    pixels = np.asarray(image, dtype=np.float32)
    grey = (pixels @ _LUMA)[..., None]
    vivid = grey + (pixels - grey) * np.float32(np.exp(rng.uniform(-how.saturation, how.saturation)))
    balanced = vivid * np.exp(rng.uniform(-how.colour, how.colour, 3)).astype(np.float32)
    return Image.fromarray(np.clip(balanced, 0, 255).astype(np.uint8))


def _degrade(image: Image.Image, how: Augmentation, rng: Rng) -> Image.Image:
    """What messengers and screenshots do: fewer pixels, blur, noise, JPEG."""
    if rng.random() < how.p_degrade:
        small = tuple(int(side * rng.uniform(0.4, 0.9)) for side in image.size)
        shrunk = image.resize((small[0], small[1]), Image.Resampling.BILINEAR)
        image = shrunk.resize(image.size, Image.Resampling.BICUBIC)
    if rng.random() < how.p_degrade:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.5)))
    if rng.random() < how.p_degrade:
        noise = rng.normal(0, rng.uniform(2, 10), (image.height, image.width, 1))
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    return _jpeg(image, int(rng.integers(30, 95))) if rng.random() < how.p_degrade else image


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
