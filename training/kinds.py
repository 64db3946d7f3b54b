"""Fits what tells questions about health from everything else, on phrases and the knowledge base's questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from services.chatbot.emergencies import EMBEDDING_SCALE
from services.chatbot.kinds import HEALTH, Kinds
from services.chatbot.text import clean
from services.chatbot.topics import LANGUAGES, Language, Topic
from training.emergencies import PHRASES, Embed, read_lines, scope_lines

_C = 3.0
_FORMS: dict[Language, tuple[str, ...]] = {
    "en": ("{}", "tell me about {}", "what is {}?"),
    "ar": ("{}", "حدثني عن {}", "احكي لي عن {}", "ما هو {}؟"),
}
"""Short questions, of which the name of an illness is the only word about health."""

_HEALTH_ALIKE = ("health", "uncovered")  # "uncovered": about an illness that the knowledge base lacks


def fit_kinds(topics: Sequence[Topic], embed: Embed) -> tuple[Kinds, dict[str, Any]]:
    """The classifier, and what cross-validation says of it."""
    texts, names = _examples(topics)
    vectors = embed([clean(text) for text in texts])
    mean = vectors.mean(axis=0)
    x, y = (vectors - mean) * EMBEDDING_SCALE, np.array(names)
    model = LogisticRegression(C=_C, max_iter=3000, class_weight="balanced")
    guessed = cross_val_predict(model, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=1))
    model.fit(x, y)
    kinds = Kinds(
        tuple(str(name) for name in model.classes_),
        mean,
        model.coef_.astype(np.float32),
        model.intercept_.astype(np.float32),
    )
    report = {
        "phrases": len(y),
        "declined_of_not_health": round(float((guessed != HEALTH)[y != HEALTH].mean()), 4),
        "declined_of_health": round(float((guessed != HEALTH)[y == HEALTH].mean()), 4),
    }
    return kinds, report


def _examples(topics: Sequence[Topic]) -> tuple[list[str], list[str]]:
    pairs: list[tuple[str, str]] = []
    for language in LANGUAGES:
        rows = scope_lines(language)
        pairs += [(row["text"], HEALTH if row["kind"] in _HEALTH_ALIKE else row["kind"]) for row in rows]
        pairs += [(row["text"], HEALTH) for row in read_lines(PHRASES / f"retrieval_dev_{language}.jsonl")]
        pairs += [(question, HEALTH) for topic in topics for question in topic.text(language).questions]
        pairs += [
            (form.format(name), HEALTH)
            for topic in topics
            for name in (topic.text(language).title, *topic.text(language).aliases[:2])
            for form in _FORMS[language]
        ]
    return [text for text, _ in pairs], [kind for _, kind in pairs]
