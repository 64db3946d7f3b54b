"""The out-of-distribution gate: says how little a picture is like those that a model knows, before it is believed.

It looks with eyes of its own, a small network trained on everyday pictures (ImageNet): the features of a model that
was fine-tuned on one kind of picture tell other kinds worse, and a user's own weights may give none at all. Two
stages: ``modality`` was taught what is no picture of this kind; ``distance`` was taught nothing but the model's own
kind, so it is there for what nobody thought of.

Sources: nearest neighbours, Sun et al. 2022 (arXiv 2204.06507); maximum probability, Hendrycks & Gimpel 2017.
"""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.backends import Runner
from shared.bundle import Bundle
from shared.errors import BundleError
from shared.imaging.tensor import image_tensor
from shared.manifest import Guard as GuardSpec
from shared.manifest import Limit

Stage = Literal["modality", "distance"]
Floats = NDArray[np.float32]
LIMIT = 0.5
"""The score from which a picture is refused."""
FEATURES = "features"
"""The output of the gate's network, (1, d), not negative."""
_RANKS = {"center": 1, "scale": 1, "modality": 1, "modality_bias": 0, "bank": 2}


@dataclass(frozen=True)
class Outlier:
    """``score`` 0…1 of the stage that found the picture strangest; ``LIMIT`` or more is refused."""

    score: float
    stage: Stage

    @property
    def refused(self) -> bool:
        return self.score >= LIMIT


@dataclass(frozen=True)
class GuardArrays:
    """``center``, ``scale``, ``modality`` (d,) and its bias are a logistic regression on the features' square roots;
    ``bank`` (n, d) are those of training pictures, each of length 1.
    """

    center: Floats
    scale: Floats
    modality: Floats
    modality_bias: Floats
    bank: Floats

    def strangeness(self, features: Floats) -> Floats:
        """(n, d) → the first stage's raw score (n,): log-odds of being no picture of this kind."""
        standardised = (rooted(features) - self.center) / self.scale
        return np.asarray(standardised @ self.modality + self.modality_bias, dtype=np.float32)

    def distance(self, features: Floats, neighbours: int) -> Floats:
        """(n, d) → the second stage's raw score (n,): cosine distance from the ``neighbours``-th nearest picture."""
        likeness = directions(features) @ self.bank.T
        return np.asarray(1.0 - np.partition(likeness, -neighbours, axis=1)[:, -neighbours], dtype=np.float32)

    def save(self) -> bytes:
        """As an ``.npz`` without pickles; half precision, which moves no score by a hundredth."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: getattr(self, name).astype(np.float16) for name in _RANKS})
        return buffer.getvalue()

    @classmethod
    def load(cls, data: bytes) -> GuardArrays:
        """Raises BundleError for anything that ``save`` has not written."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as found:
                arrays = {name: np.asarray(found[name], dtype=np.float32) for name in _RANKS}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise BundleError(f"the gate's arrays cannot be read: {error}") from error
        _check(arrays)
        return cls(**arrays)


class Guard:
    """Scores one picture at a time; used by one thread."""

    def __init__(self, arrays: GuardArrays, network: Runner, spec: GuardSpec) -> None:
        self._arrays = arrays
        self._network = network
        self._spec = spec

    def __call__(self, picture: Image.Image, probabilities: NDArray[np.float64]) -> Outlier:
        """How strange the picture is; ``probabilities`` (k,) are what the model said of it."""
        spec, features = self._spec, self._network(image_tensor(picture, self._spec.input)[None])[FEATURES]
        doubt = spec.doubt * (1.0 - float(probabilities.max()))
        modality = score(float(self._arrays.strangeness(features)[0]), spec.modality)
        distance = score(float(self._arrays.distance(features, spec.neighbours)[0]) + doubt, spec.distance)
        return Outlier(modality, "modality") if modality >= distance else Outlier(distance, "distance")


def open_guard(bundle: Bundle, signature: str) -> Guard | None:
    """The gate of a signature; None when the bundle has none. Raises BundleError when its files are no gate."""
    spec = bundle.manifest.signatures[signature].guard
    if spec is None:
        return None
    # a bundle without a gate needs no LiteRT
    from shared.backends.litert import open_network

    arrays, network = GuardArrays.load(bundle.read(spec.file)), open_network(bundle.read(spec.network), spec.input)
    width = network(np.zeros((1, spec.input.height, spec.input.width, 3), dtype=np.float32))[FEATURES].shape[1]
    if width != len(arrays.center) or spec.neighbours > len(arrays.bank):
        raise BundleError("the gate's arrays do not fit its network")
    return Guard(arrays, network, spec)


def rooted(features: Floats) -> Floats:
    """Square roots: activations are skewed, and a few large ones would decide every distance."""
    return np.asarray(np.sqrt(np.maximum(features, 0.0)), dtype=np.float32)


def directions(features: Floats) -> Floats:
    """(n, d) → the roots scaled to length 1."""
    roots = rooted(features)
    return np.asarray(roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def score(raw: float, limit: Limit) -> float:
    """0…1; ``LIMIT`` at the threshold."""
    return 1.0 / (1.0 + math.exp(min(60.0, max(-60.0, -(raw - limit.threshold) / limit.scale))))


def _check(arrays: dict[str, Floats]) -> None:
    width = arrays["center"].shape
    fits = (
        all(arrays[name].ndim == rank and np.isfinite(arrays[name]).all() for name, rank in _RANKS.items())
        and arrays["scale"].shape == arrays["modality"].shape == width == arrays["bank"].shape[1:]
        and bool((arrays["scale"] > 0).all())
    )
    if not fits:
        raise BundleError("the gate's arrays do not fit together")
