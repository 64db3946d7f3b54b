"""Finds the topic of a question: words (BM25 on stems) and meaning (embeddings), added up.

Okapi BM25: Robertson & Zaragoza 2009, by bm25s. Each part is standardised over the topics of a question before it is
weighted, because the scales of words and of cosines have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from services.chatbot.passages import Passage, Vectors
from services.chatbot.text import tokens
from services.chatbot.topics import Language

Scores = NDArray[np.float64]
_K1, _B = 1.2, 0.5
_EPSILON = 1e-6


class Ranking(BaseModel):
    """How the parts add up, and when the first topic is to be believed: fitted on the development questions.

    ``weights``: names' cosine, sections' cosine, names' words, sections' words. ``confidence``: a logistic regression
    on what ``Found.evidence`` lists, its bias last.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    weights: tuple[float, float, float, float]
    confidence: tuple[float, ...]
    threshold: float


@dataclass(frozen=True)
class Found:
    """Topics by score, best first, and the evidence for the first."""

    topics: tuple[str, ...]
    evidence: tuple[float, ...]


class Retriever:
    """The passages of one language, indexed; immutable, so any thread may use it."""

    def __init__(self, language: Language, passages: Sequence[Passage], vectors: Vectors) -> None:
        self._language = language
        self._vectors = vectors
        self.topics = sorted({passage.topic for passage in passages})
        position = {topic: at for at, topic in enumerate(self.topics)}
        self._topic = np.array([position[passage.topic] for passage in passages])
        self._is_name = np.array([passage.is_name for passage in passages])
        self._words = [
            _Words([[w for p in of_topic if p.is_name is kind for w in tokens(p.text, language)] for of_topic in group])
            for kind in (True, False)
            for group in [[[p for p in passages if p.topic == topic] for topic in self.topics]]
        ]

    def parts(self, question: str, embedding: Vectors) -> Scores:
        """(4, topics): each part's score of each topic, not yet standardised."""
        cosine = (self._vectors @ embedding).astype(np.float64)
        stems = tokens(question, self._language)
        by_meaning = [self._best(cosine, self._is_name), self._best(cosine, ~self._is_name)]
        return np.stack([*by_meaning, *(words.scores(stems) for words in self._words)])

    def find(self, question: str, embedding: Vectors, ranking: Ranking) -> Found:
        """The topics that ``question`` may be about."""
        parts = self.parts(question, embedding)
        total = combined(parts, ranking.weights)
        order = np.argsort(-total)
        return Found(tuple(self.topics[at] for at in order), evidence(parts, total, order))

    def _best(self, cosine: Scores, chosen: NDArray[np.bool_]) -> Scores:
        best = np.full(len(self.topics), -1.0)
        np.maximum.at(best, self._topic[chosen], cosine[chosen])
        return best


def combined(parts: Scores, weights: Sequence[float]) -> Scores:
    """(topics,): the weighted sum of the standardised parts."""
    standard = (parts - parts.mean(axis=1, keepdims=True)) / (parts.std(axis=1, keepdims=True) + _EPSILON)
    return np.asarray(np.asarray(weights) @ standard, np.float64)


def evidence(parts: Scores, total: Scores, order: NDArray[np.int64]) -> tuple[float, ...]:
    """For the first topic: its four parts, its total, and its lead over the second and over the fifth."""
    first, second, fifth = (total[order[min(at, len(order) - 1)]] for at in (0, 1, 4))
    return (*(float(part) for part in parts[:, order[0]]), float(first), float(first - second), float(first - fifth))


def confidence(found: Found, ranking: Ranking) -> float:
    """How probable it is that the first topic is what was asked for."""
    *weights, bias = ranking.confidence
    return float(1 / (1 + np.exp(-(np.dot(weights, found.evidence) + bias))))


class _Words:
    """BM25 over one document a topic."""

    def __init__(self, documents: list[list[str]]) -> None:
        self._count = len(documents)
        self._index = bm25s.BM25(k1=_K1, b=_B)
        self._index.index(documents, show_progress=False)

    def scores(self, stems: list[str]) -> Scores:
        known = [stem for stem in stems if stem in self._index.vocab_dict]
        if not known:
            return np.zeros(self._count)
        return np.asarray(self._index.get_scores(known), np.float64)
