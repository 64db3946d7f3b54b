"""Fits the second net of the red flags: on phrases of ours, and on the questions of the knowledge base as calm ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from services.chatbot.emergencies import EMBEDDING_SCALE, Emergencies, Meaning, Net
from services.chatbot.ngrams import BUCKETS, features
from services.chatbot.red_flags import RedFlags
from services.chatbot.text import clean
from services.chatbot.topics import LANGUAGES, Language, Topic

PHRASES = Path(__file__).resolve().parent / "phrases"
RECALL = 0.98
"""Of emergencies in cross-validation: where the threshold is set."""

_FOLDS = 5
_SPELLING_C, _STACK_C = 20.0, 10.0
_MEANING_C, _GAMMA = 3.0, 0.1
_EMERGENCY_TOPICS = frozenset(
    [
        "anaphylaxis", "angina", "appendicitis", "bleeding_first_aid", "breathlessness", "bronchiolitis", "burns",
        "chest_pain", "choking", "cpr", "croup", "epilepsy", "fainting", "febrile_seizure", "fever_in_children",
        "head_injury", "heart_attack", "heatstroke", "meningitis", "miscarriage", "poisoning", "postnatal_depression",
        "pre_eclampsia", "pulmonary_embolism", "self_harm_and_suicide_prevention", "sepsis", "snake_bite", "stroke",
        "transient_ischaemic_attack",
    ]
)  # fmt: skip
"""Their sample questions may tell of an emergency, so they are not used as examples of none."""

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Examples:
    """Texts of one language, 1 for an emergency, their embeddings, and whether a rule was raised."""

    texts: list[str]
    y: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    rules: NDArray[np.float64]


def fit_emergencies(topics: Sequence[Topic], embed: Embed) -> tuple[Emergencies, dict[str, Any]]:
    """The net, and what cross-validation says of it, by language."""
    rules = RedFlags()
    examples = {language: _examples(language, topics, embed, rules) for language in LANGUAGES}
    mean = np.concatenate([e.embeddings for e in examples.values()]).mean(axis=0)
    meaning = _fit_meaning(list(examples.values()), mean)
    nets: dict[Language, Net] = {}
    report: dict[str, Any] = {}
    for language in LANGUAGES:
        others = [examples[other] for other in LANGUAGES if other != language]
        nets[language], report[language] = _fit_net(examples[language], others, mean)
    return Emergencies(_packed(meaning, mean), nets), report


def _packed(machine: SVC, mean: NDArray[np.float32]) -> Meaning:
    vectors = machine.support_vectors_
    scale = float(np.abs(vectors).max()) / 127
    support = np.round(vectors / scale).astype(np.int8)
    dual = machine.dual_coef_[0].astype(np.float32)
    return Meaning(mean, support, scale, dual, float(machine.intercept_[0]), _GAMMA)


def _examples(language: Language, topics: Sequence[Topic], embed: Embed, rules: RedFlags) -> Examples:
    rows = [row for path in sorted(PHRASES.glob(f"red_flags_{language}_*.jsonl")) for row in read_lines(path)]
    calm = read_lines(PHRASES / f"retrieval_dev_{language}.jsonl")
    questions = [(q, topic.id) for topic in topics for q in topic.text(language).questions]
    questions += [(row["text"], row["topic"]) for row in calm]
    pairs = [(row["text"], int(row["red_flag"])) for row in rows]
    pairs += [(row["text"], 0) for row in scope_lines(language)]
    pairs += [(text, 0) for text, topic in questions if topic not in _EMERGENCY_TOPICS]
    texts = [clean(text) for text, _ in pairs]
    raised = np.array([float(rules.find(text, language) is not None) for text in texts])
    return Examples(texts, np.array([label for _, label in pairs]), embed(texts), raised)


def _fit_net(own: Examples, others: list[Examples], mean: NDArray[np.float32]) -> tuple[Net, dict[str, float]]:
    matrix = _matrix(own.texts)
    spelling, meaning = np.zeros(len(own.y)), np.zeros(len(own.y))
    for train, held_out in StratifiedKFold(_FOLDS, shuffle=True, random_state=1).split(matrix, own.y):
        part = Examples([], own.y[train], own.embeddings[train], own.rules[train])
        spelling[held_out] = _spelling().fit(matrix[train], own.y[train]).decision_function(matrix[held_out])
        fitted = _fit_meaning([part, *others], mean)
        meaning[held_out] = fitted.decision_function((own.embeddings[held_out] - mean) * EMBEDDING_SCALE)
    parts = np.stack([spelling, meaning, own.rules], axis=1)
    stack = LogisticRegression(C=_STACK_C).fit(parts, own.y)
    odds = stack.decision_function(parts)
    raised = own.rules == 1
    threshold = _threshold(odds[(own.y == 1) & ~raised], int((own.y == 1).sum()), int((raised & (own.y == 1)).sum()))
    whole = _spelling().fit(matrix, own.y)
    net = Net(
        whole.coef_[0].astype(np.float16),
        float(whole.intercept_[0]),
        stack.coef_[0],
        float(stack.intercept_[0]),
        threshold,
    )
    found = (odds > threshold) | raised
    return net, {
        "phrases": len(own.y),
        "emergencies": int(own.y.sum()),
        "rules_recall": round(float(raised[own.y == 1].mean()), 4),
        "recall": round(float(found[own.y == 1].mean()), 4),
        "false_alarms": round(float(found[own.y == 0].mean()), 4),
    }


def _threshold(odds: NDArray[np.float64], emergencies: int, by_rule: int) -> float:
    """The highest that misses no more than the wanted share, given what the rules find without the net."""
    may_miss = int((1 - RECALL) * emergencies)
    ordered = np.sort(odds)
    return float(ordered[min(may_miss, len(ordered) - 1)]) - 1e-6 if by_rule < emergencies else 0.0


def _spelling() -> LogisticRegression:
    return LogisticRegression(C=_SPELLING_C, max_iter=3000)


def _fit_meaning(examples: list[Examples], mean: NDArray[np.float32]) -> SVC:
    x = np.concatenate([e.embeddings for e in examples])
    return SVC(C=_MEANING_C, gamma=_GAMMA, cache_size=1000).fit(
        (x - mean) * EMBEDDING_SCALE, np.concatenate([e.y for e in examples])
    )


def _matrix(texts: list[str]) -> csr_matrix:
    found = [features(text) for text in texts]
    rows = np.repeat(np.arange(len(texts)), [len(indices) for indices, _ in found])
    columns, values = (np.concatenate(part) for part in zip(*found, strict=True))
    return csr_matrix((values, (rows, columns)), shape=(len(texts), BUCKETS))


def scope_lines(language: Language) -> list[dict[str, Any]]:
    """What is out of scope, and what only looks like it: texts with their ``kind``."""
    files = (PHRASES / f"out_of_scope_dev_{language}.jsonl", PHRASES / f"scope_{language}.jsonl")
    return [row for file in files for row in read_lines(file)]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
