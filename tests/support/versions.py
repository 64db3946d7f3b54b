"""Toy bundles that answer differently, so that the version an answer names and what it says can be compared."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.bundles import edit_manifest
from tests.support.pictures import encode, png
from tests.support.toy import write_toy_bundle

TEMPERATURES = {"1.0.0": 4.0, "1.1.0": 8.0, "1.2.0": 2.0}
GOLDEN = {4.0: (0.0159, 0.9841), 8.0: (0.1128, 0.8872), 2.0: (0.0003, 0.9997)}
PINK = png((255, 90, 90))
SAID = {"1.0.0": 0.9621, "1.1.0": 0.8345, "1.2.0": 0.9985}
"""Version → its confidence in ``PINK``."""
_OFF = 0.01  # one pixel more or less; versions are further apart
_numbers = itertools.count(1)


def write_version(models: Path, version: str, *, service: str = "toy") -> Path:
    """A toy bundle that is as sure as its temperature lets it be."""
    root, temperature = write_toy_bundle(models, service=service, model=service, version=version), TEMPERATURES[version]

    def change(values: dict[str, Any]) -> None:
        values["signatures"]["image"]["calibration"]["temperature"] = temperature
        values["signatures"]["image"]["golden"]["probabilities"] = list(GOLDEN[temperature])

    edit_manifest(root, change)
    return root


def fresh_pink() -> bytes:
    """``PINK`` but for one pixel: a picture that no cache has seen, of which the versions say what they say of it."""
    picture = Image.new("RGB", (64, 64), (255, 90, 90))
    picture.putpixel((0, 0), (255, 90, next(_numbers) % 256))
    picture.putpixel((1, 0), (255, 90, next(_numbers) >> 8 & 255))
    return encode(picture)


def is_labelled_rightly(answer: dict[str, Any]) -> bool:
    """Whether what a prediction of a pink picture says is what the version that it names says."""
    return bool(abs(answer["confidence"] - SAID[answer["model_version"]]) < _OFF)
