"""From a payload to the numbers that a signature takes, with what the later steps need of the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.definition import FeatureExtractor, FeatureExtractors, Look
from shared.errors import BundleError
from shared.imaging.intake import decode_image
from shared.imaging.tensor import normalised, resized
from shared.manifest import FeaturesInput, ImageInput, Signature

Payload = bytes | tuple[float, ...]
SEEN = ImageInput(height=224, width=224)
"""How quality and the gate look at a picture, whatever the model itself takes."""

_SIZE = (SEEN.width, SEEN.height)


@dataclass(frozen=True)
class Prepared:
    """``numbers``: what the model takes, without the batch axis. ``picture`` as ``SEEN`` has it, and the ``size``
    (width, height) of the upload; None where no picture was sent.
    """

    numbers: NDArray[np.float32]
    picture: Image.Image | None = None
    size: tuple[int, int] | None = None


Prepare = Callable[[Payload], Prepared]


def preparation(
    signature: Signature, features: FeatureExtractors, max_pixels: int, look: Look | None = None
) -> Prepare:
    """How the payloads of ``signature`` are read. Raises BundleError when the service cannot."""
    spec = signature.input
    if isinstance(spec, ImageInput):
        return lambda payload: _pixels(payload, spec, max_pixels)
    if isinstance(spec, FeaturesInput):
        extractor = features.get(spec.names)
        if extractor is None:
            raise BundleError(f"the bundle takes {', '.join(spec.names)}, which this service does not compute")
        return lambda payload: _features(payload, spec, extractor, max_pixels, look)
    return lambda payload: Prepared(np.asarray(payload, dtype=np.float32))


def _pixels(payload: Payload, spec: ImageInput, max_pixels: int) -> Prepared:
    decoded = decode_image(_bytes(payload), max_pixels=max_pixels, target=(spec.width, spec.height))
    picture = resized(decoded, spec)
    seen = picture if picture.size == _SIZE and spec.resize == SEEN.resize else resized(decoded, SEEN)
    return Prepared(normalised(picture, spec), seen, decoded.size)


def _features(
    payload: Payload, spec: FeaturesInput, features: FeatureExtractor, max_pixels: int, look: Look | None
) -> Prepared:
    decoded = decode_image(_bytes(payload), max_pixels=max_pixels)
    numbers = features(decoded)
    if numbers.shape != (len(spec.names),):
        raise BundleError(f"the service computes {numbers.shape} numbers, the bundle takes {len(spec.names)}")
    return Prepared(numbers, resized(look(decoded) if look else decoded, SEEN), decoded.size)


def _bytes(payload: Payload) -> bytes:
    if not isinstance(payload, bytes):
        raise TypeError("this signature takes a picture")
    return payload
