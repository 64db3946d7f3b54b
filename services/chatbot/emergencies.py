"""The second net behind the rules: a linear model of what people typed in an emergency, for words no rule foresaw.

It sees hashed n-grams (spelling), the sentence's embedding (meaning) and whether a rule was raised. Its threshold was
set for recall: a false alarm costs a moment, a missed emergency a life.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.chatbot.ngrams import features
from services.chatbot.topics import LANGUAGES, Language

EMBEDDING_SCALE = 10.0  # unit vectors of this encoder differ little; scaled so, a unit penalty suits them


@dataclass(frozen=True)
class Net:
    """One language: weights of the n-grams, and how the parts add up."""

    ngrams: NDArray[np.float16]
    ngrams_bias: float
    parts: NDArray[np.float64]
    bias: float
    threshold: float


@dataclass(frozen=True)
class Emergencies:
    """The model of ``emergencies.npz``. ``meaning``: weights of the embedding, shared by the languages."""

    mean: NDArray[np.float32]
    meaning: NDArray[np.float32]
    meaning_bias: float
    nets: dict[Language, Net]

    def suspects(self, text: str, embedding: NDArray[np.float32], language: Language, *, rule: bool) -> bool:
        """True when ``text`` reads like an emergency that happens now."""
        return self.score(text, embedding, language, rule=rule) > self.nets[language].threshold

    def score(self, text: str, embedding: NDArray[np.float32], language: Language, *, rule: bool) -> float:
        """The log odds, before the threshold."""
        net = self.nets[language]
        indices, values = features(text)
        spelling = float(net.ngrams[indices].astype(np.float32) @ values) + net.ngrams_bias
        meaning = float((embedding - self.mean) @ self.meaning) * EMBEDDING_SCALE + self.meaning_bias
        return float(net.parts @ np.array([spelling, meaning, float(rule)])) + net.bias

    def to_bytes(self) -> bytes:
        """An ``.npz`` without pickles."""
        arrays: dict[str, NDArray[np.generic]] = {
            "mean": self.mean,
            "meaning": self.meaning,
            "meaning_bias": np.array(self.meaning_bias),
        }
        for language, net in self.nets.items():
            arrays[f"{language}_ngrams"] = net.ngrams
            arrays[f"{language}_rest"] = np.array([net.ngrams_bias, *net.parts, net.bias, net.threshold])
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Emergencies:
        """Reads what ``to_bytes`` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            nets = {}
            for language in LANGUAGES:
                ngrams_bias, *parts, bias, threshold = arrays[f"{language}_rest"].tolist()
                nets[language] = Net(arrays[f"{language}_ngrams"], ngrams_bias, np.array(parts), bias, threshold)
            return cls(arrays["mean"], arrays["meaning"], float(arrays["meaning_bias"]), nets)
