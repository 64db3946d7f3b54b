"""The second net behind the rules: a model of what people typed in an emergency, for words that no rule foresaw.

It sees hashed n-grams (spelling), the sentence's embedding (meaning) and whether a rule was raised. Its threshold was
set for recall: a false alarm costs a moment, a missed emergency a life.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.chatbot.ngrams import features
from services.chatbot.topics import LANGUAGES, Language

_NO_RULE = 0.0
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
class Meaning:
    """A support vector machine with a radial kernel on the embedding, shared by the languages (Cortes & Vapnik 1995).

    ``support``: (n, size), eight bits a number, ``scale`` each unit; ``dual``: (n,).
    """

    mean: NDArray[np.float32]
    support: NDArray[np.int8]
    scale: float
    dual: NDArray[np.float32]
    bias: float
    gamma: float

    def __call__(self, embedding: NDArray[np.float32]) -> float:
        """The signed distance from the border; above zero is an emergency."""
        return float(np.exp(-self.gamma * self._distances(embedding)) @ self.dual) + self.bias

    def _distances(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,): squared, in units of ``EMBEDDING_SCALE``."""
        x = (embedding - self.mean) * EMBEDDING_SCALE
        return np.asarray(self._norms + x @ x - 2 * self.scale * (self._points @ x), np.float32)

    @cached_property
    def _points(self) -> NDArray[np.float32]:
        return self.support.astype(np.float32)

    @cached_property
    def _norms(self) -> NDArray[np.float32]:
        return np.asarray((self._points**2).sum(axis=1) * self.scale**2, np.float32)


@dataclass(frozen=True)
class Emergencies:
    """The model of ``emergencies.npz``."""

    meaning: Meaning
    nets: dict[Language, Net]

    def suspects(self, text: str, embedding: NDArray[np.float32], language: Language) -> bool:
        """True when ``text`` reads like an emergency that happens now."""
        return self.score(text, embedding, language) > self.nets[language].threshold

    def score(self, text: str, embedding: NDArray[np.float32], language: Language) -> float:
        """The log odds of a text that no rule was raised by, before the threshold."""
        net = self.nets[language]
        indices, values = features(text)
        spelling = float(net.ngrams[indices].astype(np.float32) @ values) + net.ngrams_bias
        return float(net.parts @ np.array([spelling, self.meaning(embedding), _NO_RULE])) + net.bias

    def to_bytes(self) -> bytes:
        """An ``.npz`` without pickles."""
        meaning = self.meaning
        arrays: dict[str, NDArray[np.generic]] = {
            "mean": meaning.mean,
            "support": meaning.support,
            "dual": meaning.dual,
            "rest": np.array([meaning.scale, meaning.bias, meaning.gamma]),
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
            scale, bias, gamma = arrays["rest"].tolist()
            meaning = Meaning(arrays["mean"], arrays["support"], scale, arrays["dual"], bias, gamma)
            return cls(meaning, nets)
