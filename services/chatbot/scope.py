"""Tells apart what the chatbot must decline, small talk, and which part of a topic is asked for."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from services.chatbot.phrases import pattern
from services.chatbot.text import normalise, tokens
from services.chatbot.topics import Language

_RULES = Path(__file__).resolve().parent / "rules"
SMALL_TALK = ("greeting", "thanks", "goodbye")
_LONGEST_SMALL_TALK = 4  # words that carry meaning: "hello, my head hurts" is more than a greeting
_FOLLOW_UP_WORDS = 7

Patterns = dict[str, dict[Language, re.Pattern[str]]]


class Scope:
    """The rules of ``rules/scope.yaml`` and ``rules/asked.yaml``, compiled."""

    def __init__(self) -> None:
        self._kinds = _read("scope.yaml")
        self._sections = _read("asked.yaml")

    def kind(self, text: str, language: Language) -> str | None:
        """ "injection", "dosage", "greeting" …: the first kind that fits; None for a question like any other."""
        words = normalise(text)
        for name, patterns in self._kinds.items():
            found = patterns[language].search(words)
            if found and not (name in SMALL_TALK and self._says_more(text, found, language)):
                return name
        return None

    def sections(self, text: str, language: Language) -> tuple[str, ...]:
        """The sections of a topic that ``text`` asks for; empty when it asks for none in particular."""
        words = normalise(text)
        return tuple(name for name, patterns in self._sections.items() if patterns[language].search(words))

    def _says_more(self, text: str, found: re.Match[str], language: Language) -> bool:
        rest = normalise(text)[: found.start()] + normalise(text)[found.end() :]
        return (
            len(tokens(rest, language)) >= _LONGEST_SMALL_TALK or "?" in text or ("؟" in text and len(rest.split()) > 2)
        )


def emergency_topics() -> frozenset[str]:
    """Topics that may be an emergency while it happens: ``rules/emergency_topics.yaml``."""
    return frozenset(yaml.safe_load((_RULES / "emergency_topics.yaml").read_text(encoding="utf-8")))


def _read(name: str) -> Patterns:
    raw = yaml.safe_load((_RULES / name).read_text(encoding="utf-8"))
    return {
        kind: {language: pattern(phrases, language) for language, phrases in languages.items()}
        for kind, languages in raw.items()
    }


_CUES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^(and|what about|how about|also|is it|is this|is that|does it|can it|will it|so|then|ok)\b|"
        r"\b(it|this|that|them)\b"
    ),
    "ar": re.compile(
        r"^(وماذا|وهل|وكيف|ومتي|وما |وفي |وعند|وشو|وايه|طيب|طب|ماذا عن|شو عن|ايه عن|كمان|هل هو|هل هي|هل هذا)|"
        r"(?<!\w)(?:علاج|اعراض|اسباب|مضاعفات)(?:ه|ها)(?!\w)|^كيف (?:يعالج|تعالج|يتعالج|تتعالج)\W*$|"
        r"(?<!\w)(هذا|هذه|ذلك|هو|هي|ده|دي|هاد|هاي|منه|منها|له|لها|عنه|عنها)(?!\w)"
    ),
}


def is_follow_up(text: str, language: Language) -> bool:
    """True for a short message that leans on what was said before: "and in children?", "is it contagious?"."""
    words = normalise(text)
    return len(words.split()) <= _FOLLOW_UP_WORDS and _CUES[language].search(words) is not None


_DENIALS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:(?:no|its|it is|this is|that is|thats)\s+)*"
        r"(?:not an? emergency|no emergency|isnt an? emergency|not urgent|not happening now|not now)\b"
    ),
    "ar": re.compile(
        r"(?<!\w)(?:لا |هذه |الحاله |هي |هو )*(?:ليست?|مش|مو|مي|غير|لا)\s+(?:بحاله |حاله )?طار\w*|"
        r"(?:ليس|لا يحدث|مش|مو) (?:الان|دلوقتي|الحين|هلا)"
    ),
}


def without_denial(text: str, language: Language) -> str | None:
    """What is left of ``text``, normalised, when it denies that there is an emergency; None when it does not.

    A question ("it is not an emergency, is it?") denies nothing.
    """
    words = normalise(text)
    if "?" in words or "؟" in words:
        return None
    rest, found = _DENIALS[language].subn(" ", words)
    return rest.strip(" .,،!;") if found else None
