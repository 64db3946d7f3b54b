"""Checks what a language model wrote before anybody sees it: not repetitive, in the right language, grounded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.chatbot.lint import DOSE
from services.chatbot.text import language_of, normalise, tokens, words
from services.chatbot.topics import Language

_SHORTEST = 5  # words
_REPEATED = 0.4
_TRIGRAM = 3
_GROUNDED = 0.6
_SENTENCE = re.compile(r"[.!?؟\n]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def fault(text: str, passages: Sequence[str], language: Language) -> str | None:
    """Why ``text`` must not be shown; None when it may.

    Grounded: in each sentence at least 60 % of the stems that carry meaning, and every number, are in the passages.
    """
    found = words(normalise(text))
    if len(found) < _SHORTEST:
        return "too short"
    if language_of(text) != language:
        return "not in the language of the question"
    if repetition(found) > _REPEATED:
        return "repeats itself"
    if DOSE.search(text):
        return "reads like a dose"
    known = {stem for passage in passages for stem in tokens(passage, language)}
    numbers = {number for passage in passages for number in _NUMBER.findall(normalise(passage))}
    if not set(_NUMBER.findall(normalise(text))) <= numbers:
        return "has a number that no source has"
    for sentence in filter(str.strip, _SENTENCE.split(text)):
        stems = tokens(sentence, language)
        if stems and sum(stem in known for stem in stems) / len(stems) < _GROUNDED:
            return "says what no source says"
    return None


def repetition(found: Sequence[str]) -> float:
    """The share of word trigrams that are repeats of another."""
    grams = [tuple(found[at : at + _TRIGRAM]) for at in range(len(found) - _TRIGRAM + 1)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0
