"""Labelled pictures of one split, read exactly as the service reads an upload."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.definition import ServiceDefinition
from shared.imaging.intake import decode_image
from shared.imaging.tensor import image_tensor
from shared.manifest import ImageInput

PATTERNS = ("*.jpg", "*.jpeg", "*.png")
FOLDERS = {
    "tumor": "tumor",
    "xray": "xray",
    "monkeypox": "monkeypox",
    "lung_colon": "lung_colon",
    "palm": "hand_hb",
}
"""Service → its folder of labelled pictures."""


@dataclass(frozen=True)
class Split:
    """``pixels`` (n, height, width, 3) ``uint8``; ``y`` (n,) ``int64``; ``names`` are file names, for grouping."""

    pixels: NDArray[np.uint8]
    y: NDArray[np.int64]
    names: tuple[str, ...]

    def subset(self, index: NDArray[np.int64]) -> Split:
        return Split(self.pixels[index], self.y[index], tuple(self.names[i] for i in index))

    def join(self, other: Split) -> Split:
        return Split(
            np.concatenate([self.pixels, other.pixels]), np.concatenate([self.y, other.y]), self.names + other.names
        )


def service_definition(name: str) -> ServiceDefinition:
    """``SERVICE`` of ``services.<name>.definition``: label order and data folders."""
    return cast(ServiceDefinition, importlib.import_module(f"services.{name}.definition").SERVICE)


def split_files(data: Path, split: str, service: ServiceDefinition) -> list[tuple[Path, int]]:
    """(file, class index) of ``data/<split>/<folder>/*``, sorted; FileNotFoundError for an empty class."""
    found: list[tuple[Path, int]] = []
    for index, label in enumerate(service.classes):
        folder = data / split / service.folders.get(label, label)
        files = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
        if not files:
            raise FileNotFoundError(f"no images of class {label!r} in {folder}")
        found += [(path, index) for path in files]
    return found


def load_split(data: Path, split: str, service: ServiceDefinition, spec: ImageInput) -> Split:
    """All pictures of a split, resized as ``spec`` says but not yet normalised."""
    files = split_files(data, split, service)
    raw = ImageInput(height=spec.height, width=spec.width, resize=spec.resize, std=(1.0, 1.0, 1.0))
    pixels = [image_tensor(read_picture(path, spec), raw).astype(np.uint8) for path, _ in files]
    return Split(np.stack(pixels), np.array([y for _, y in files], np.int64), tuple(path.name for path, _ in files))


def read_picture(path: Path, spec: ImageInput) -> Image.Image:
    return decode_image(path.read_bytes(), target=(spec.width, spec.height))


def normalise(pixels: NDArray[np.uint8], spec: ImageInput) -> NDArray[np.float32]:
    """(n, height, width, 3) ``uint8`` → ``float32``, by the same function that serves."""
    return np.stack([image_tensor(Image.fromarray(picture), spec) for picture in pixels])
