"""Fits how the parts of a retrieval add up, and when to believe its first topic, on the development questions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from services.chatbot.retrieval import Ranking, Retriever, combined, evidence
from services.chatbot.text import clean
from services.chatbot.topics import Language
from training.emergencies import PHRASES, Embed, read_lines

_STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
_BELIEVED = 0.5
"""Confidence from which a topic is answered: right more often than not."""


def fit_ranking(language: Language, retriever: Retriever, embed: Embed) -> tuple[Ranking, dict[str, Any]]:
    """The ranking with the best hit@1 on the development questions, and what it reaches on them."""
    rows = read_lines(PHRASES / f"retrieval_dev_{language}.jsonl")
    wanted = np.array([retriever.topics.index(row["topic"]) for row in rows])
    parts = _parts(retriever, [row["text"] for row in rows], embed)
    strangers = [
        r["text"] for r in read_lines(PHRASES / f"out_of_scope_dev_{language}.jsonl") if r["kind"] != "smalltalk"
    ]
    weights = _best_weights(parts, wanted)
    orders = [np.argsort(-combined(part, weights)) for part in parts]
    right = np.array([order[0] == topic for order, topic in zip(orders, wanted, strict=True)])
    model = _fit_confidence(
        [*parts, *_parts(retriever, strangers, embed)], weights, [*right, *[False] * len(strangers)]
    )
    report = {
        "questions": len(rows),
        "hit@1": round(float(right.mean()), 4),
        "hit@3": round(float(np.mean([t in order[:3] for order, t in zip(orders, wanted, strict=True)])), 4),
    }
    confidence = (*(round(float(w), 5) for w in model.coef_[0]), round(float(model.intercept_[0]), 5))
    return Ranking(weights=weights, confidence=confidence, threshold=_BELIEVED), report


def _parts(retriever: Retriever, texts: list[str], embed: Embed) -> list[Any]:
    cleaned = [clean(text) for text in texts]
    return [retriever.parts(text, vector) for text, vector in zip(cleaned, embed(cleaned), strict=True)]


def _best_weights(parts: list[Any], wanted: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """The middle of the grid's best points: the flat top, not one lucky corner."""
    points = [point for point in itertools.product(_STEPS, repeat=4) if max(point) == 1.0]
    hits = [np.mean([combined(p, w).argmax() == t for p, t in zip(parts, wanted, strict=True)]) for w in points]
    best = np.array([w for w, hit in zip(points, hits, strict=True) if hit >= max(hits) - 0.005])
    a, b, c, d = (round(float(weight), 3) for weight in best.mean(axis=0))
    return a, b, c, d


def _fit_confidence(parts: list[Any], weights: Sequence[float], right: Sequence[bool]) -> LogisticRegression:
    rows = []
    for part in parts:
        total = combined(part, weights)
        rows.append(evidence(part, total, np.argsort(-total)))
    x = np.array(rows)
    scale = x.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=2000).fit((x - x.mean(axis=0)) / scale, right)
    model.intercept_ = model.intercept_ - model.coef_ @ (x.mean(axis=0) / scale)
    model.coef_ = model.coef_ / scale
    return model
