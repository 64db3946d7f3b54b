"""What is not a question about health, told by meaning: for what the phrases of ``rules/scope.yaml`` do not foresee."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.chatbot.emergencies import EMBEDDING_SCALE

HEALTH = "health"
GENERAL = "general"
"""Not about health, by the look of it: a topic that fits well is answered all the same."""


@dataclass(frozen=True)
class Kinds:
    """A multinomial logistic regression on the embedding. ``weights``: (kinds, size)."""

    names: tuple[str, ...]
    mean: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def of(self, embedding: NDArray[np.float32]) -> str | None:
        """The kind; None for a question about health."""
        name = self.names[int((self.weights @ ((embedding - self.mean) * EMBEDDING_SCALE) + self.bias).argmax())]
        if name == "smalltalk":
            return "greeting"
        return None if name == HEALTH else name

    def to_bytes(self) -> bytes:
        """An ``.npz`` without pickles."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, names=np.array(self.names), mean=self.mean, weights=self.weights, bias=self.bias)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Kinds:
        """Reads what ``to_bytes`` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(tuple(arrays["names"].tolist()), arrays["mean"], arrays["weights"], arrays["bias"])
