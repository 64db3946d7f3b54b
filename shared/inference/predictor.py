"""One worker's way from uploads to probabilities: decode, preprocess, run, soften."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.backends import Backend, Outputs, Runner
from shared.bundle import Bundle
from shared.definition import FeatureExtractor
from shared.errors import BundleError
from shared.imaging.intake import decode_image
from shared.imaging.tensor import image_tensor
from shared.inference.probabilities import softmax
from shared.manifest import FeaturesInput, ImageInput, Signature


@dataclass(frozen=True)
class Sample:
    """What to predict: the bytes of a picture, or the numbers of a tabular signature."""

    signature: str
    payload: bytes | tuple[float, ...]


@dataclass(frozen=True)
class Inference:
    """What the model said of one sample. ``probabilities`` has shape ``(classes,)``, float64."""

    signature: str
    probabilities: NDArray[np.float64]
    decode_ms: float
    inference_ms: float


Prepare = Callable[[bytes | tuple[float, ...]], NDArray[np.float32]]


class Predictor:
    """Owns one runner for each signature of a bundle; used by one thread."""

    def __init__(self, bundle: Bundle, backend: Backend, features: FeatureExtractor | None, *, max_pixels: int) -> None:
        self._signatures = bundle.manifest.signatures
        self._runners = {name: backend.runner(name) for name in self._signatures}
        self._prepare = {
            name: _preparation(signature, features, max_pixels) for name, signature in self._signatures.items()
        }

    def __call__(self, samples: Sequence[Sample]) -> Sequence[Inference | Exception]:
        """Samples of one signature → an Inference, or the reason there is none, for each."""
        name = samples[0].signature
        prepared = [_timed(self._prepare[name], sample.payload) for sample in samples]
        good = [array for array, _ in prepared if isinstance(array, np.ndarray)]
        if not good:
            return [array for array, _ in prepared if isinstance(array, Exception)]
        logits, inference_ms = self._run(self._runners[name], np.stack(good))
        remaining = iter(logits)
        return [
            array if isinstance(array, Exception) else self._inference(name, next(remaining), ms, inference_ms)
            for array, ms in prepared
        ]

    def _run(self, runner: Runner, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        started = time.perf_counter()
        outputs: Outputs = runner(batch)
        elapsed_ms = (time.perf_counter() - started) * 1000
        logits = outputs["logits"]
        if logits.shape[0] != len(batch):
            raise BundleError(f"the model gave {logits.shape[0]} answers to {len(batch)} samples")
        return logits, elapsed_ms

    def _inference(
        self, name: str, logits: NDArray[np.float32], decode_ms: float, inference_ms: float
    ) -> Inference | Exception:
        if not np.isfinite(logits).all():  # of this sample alone: the others of its batch are answered
            return BundleError("the model gave numbers that are not finite")
        return Inference(name, softmax(logits, self._signatures[name].calibration), decode_ms, inference_ms)


def _timed(prepare: Prepare, payload: bytes | tuple[float, ...]) -> tuple[NDArray[np.float32] | Exception, float]:
    started = time.perf_counter()
    try:
        result: NDArray[np.float32] | Exception = prepare(payload)
    except Exception as error:  # noqa: BLE001 - one bad picture must not fail the others of its batch
        result = error
    return result, (time.perf_counter() - started) * 1000


def _preparation(signature: Signature, features: FeatureExtractor | None, max_pixels: int) -> Prepare:
    spec = signature.input
    if isinstance(spec, ImageInput):
        return lambda payload: image_tensor(
            decode_image(_bytes(payload), max_pixels=max_pixels, target=(spec.width, spec.height)), spec
        )
    if isinstance(spec, FeaturesInput):
        if features is None:
            raise BundleError("the bundle takes features, but this service computes none")
        return lambda payload: _checked(features(decode_image(_bytes(payload), max_pixels=max_pixels)), spec)
    return lambda payload: np.asarray(payload, dtype=np.float32)


def _bytes(payload: bytes | tuple[float, ...]) -> bytes:
    if not isinstance(payload, bytes):
        raise TypeError("this signature takes a picture")
    return payload


def _checked(values: NDArray[np.float32], spec: FeaturesInput) -> NDArray[np.float32]:
    if values.shape != (len(spec.names),):
        raise BundleError(f"the service computes {values.shape} numbers, the bundle takes {len(spec.names)}")
    return values
