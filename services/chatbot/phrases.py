"""The small notation in which a clinician writes phrases: see the head of ``rules/red_flags.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.chatbot.text import normalise
from services.chatbot.topics import Language

_PROCLITIC, _PRONOUN = r"(?:[وفبكل]{0,2}(?:ال)?|لل|ع(?:ال)?|ه(?:ال)?)", r"(?:ي|ه|ها|هم|ك|كم|نا|ني|ات)?"
_SHORT = 3  # letters: "لم" with an alef is another word
_GAP = r"(?:\s+\S+){0,3}?\s+"
_ARABIC = re.compile(r"[\u0600-\u06ff]")


def pattern(phrases: Iterable[str], language: Language) -> re.Pattern[str]:
    """One pattern for all ``phrases``, for normalised texts."""
    return re.compile("|".join(f"(?<!\\w){_phrase(phrase, language)}(?!\\w)" for phrase in phrases))


def _phrase(phrase: str, language: Language) -> str:
    parts = [r"\s+".join(_word(word, language) for word in normalise(part).split()) for part in phrase.split(" .. ")]
    return _GAP.join(parts)


def _word(word: str, language: Language) -> str:
    stem, star = word.rstrip("*"), word.endswith("*")
    if language == "en" or not _ARABIC.search(word):
        return re.escape(stem) + (r"[\w.]*" if star else "")
    accusative = "|ا)?" if len(stem) >= _SHORT else ")?"
    return _PROCLITIC + re.escape(stem) + (r"\w*" if star else _PRONOUN.removesuffix(")?") + accusative)
