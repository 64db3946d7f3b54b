"""What a model runtime has to offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from shared.bundle import Bundle
from shared.manifest import FeaturesInput, ImageInput, TabularInput

Outputs = dict[str, NDArray[np.float32]]


def sample_shape(spec: ImageInput | FeaturesInput | TabularInput) -> tuple[int, ...]:
    """The shape of one sample, as the manifest has it."""
    return (spec.height, spec.width, 3) if isinstance(spec, ImageInput) else (len(spec.names),)


def two_classes(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 1) → (n, 2): one logit is the log-odds of the second class. (n, classes) stays as it is."""
    return np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits


class Runner(Protocol):
    """One loaded model, used by one thread at a time."""

    def __call__(self, batch: NDArray[np.float32]) -> Outputs:
        """Batch of shape ``(n, …)`` → named outputs, each ``(n, …)``; ``logits`` of shape ``(n, classes)`` always."""
        ...


class Backend(ABC):
    """A runtime with a bundle's weights. ``max_batch`` is the most samples that one call should get."""

    max_batch: int = 1

    @abstractmethod
    def __init__(self, bundle: Bundle) -> None:
        """Reads the weights. Raises BundleError when it can't."""

    @abstractmethod
    def workers(self, cpus: int) -> int:
        """How many threads should run this model side by side, given ``cpus`` whole CPUs."""

    @abstractmethod
    def runner(self, signature: str) -> Runner:
        """A runner of that signature, for one thread. Raises BundleError when the weights don't fit the manifest."""

    @abstractmethod
    def close(self) -> None:
        """Frees what the runners do not own."""
