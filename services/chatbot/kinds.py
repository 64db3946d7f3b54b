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

    def of(self, embedding: NDArray[np.float32]) -> tuple[str | None, float]:
        """The kind, None for a question about health, and how probable it is."""
        odds = self.weights @ ((embedding - self.mean) * EMBEDDING_SCALE) + self.bias
        share = np.exp(odds - odds.max())
        best = int(odds.argmax())
        name = "greeting" if self.names[best] == "smalltalk" else self.names[best]
        return None if name == HEALTH else name, float(share[best] / share.sum())

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
