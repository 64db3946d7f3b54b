"""Spots an emergency before anything else: rules that a clinician can read (``rules/red_flags.yaml``), no model.

A message is read in windows of three sentences. A flag is raised when all concepts of one of its lines are there, none
of them denied in its clause, in sentences that tell of something that happens now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from services.chatbot.phrases import pattern
from services.chatbot.text import normalise
from services.chatbot.topics import Language

RULES = Path(__file__).resolve().parent / "rules" / "red_flags.yaml"
SUICIDE = "suicide"

_WINDOW = 3  # sentences
_DENIED_WORDS = 5  # a denial reaches this far
_SENTENCE = re.compile(r"[.!?؟؛;\n]+(?!\d)")
_CLAUSE = re.compile(
    r",|،|:|\b(?:but|however|only|just|except|and now|then|yet|although|though|because)\b|"
    r"(?<!\w)(?:لكن|ولكن|بس|انما|فقط|غير انه|الا ان|ثم|لانه|لان)(?!\w)"
)
_DIGITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_NUMBERS = {word: str(number) for number, word in enumerate(_DIGITS.split())}


class _Flag(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    any: tuple[str, ...] = ()
    all: tuple[tuple[str, ...], ...] = ()
    unless: tuple[str, ...] = ()
    however: tuple[str, ...] = ()

    def raised(self, now: set[str], said: set[str]) -> bool:
        """True when this flag is raised by concepts of what happens ``now``, or of all that was ``said``."""
        found = not now.isdisjoint(self.any) or any(now.issuperset(line) for line in self.all)
        return (found and now.isdisjoint(self.unless)) or not said.isdisjoint(self.however)


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    concepts: Mapping[Language, Mapping[str, tuple[str, ...]]]
    flags: Mapping[str, _Flag]
    context: Mapping[Language, Mapping[str, tuple[str, ...]]]
    negation: Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True)
class _Sentence:
    text: str
    now: bool
    """Tells of something that happens now: not asked in general, not past, not a figure of speech."""


class RedFlags:
    """The rules of one file, compiled; immutable, so any thread may use it."""

    def __init__(self, path: Path = RULES) -> None:
        rules = _Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        self._flags = rules.flags
        self._concepts = {
            language: {name: pattern(phrases, language) for name, phrases in concepts.items()}
            for language, concepts in rules.concepts.items()
        }
        self._context = {
            language: {name: pattern(map(_prepared, phrases), language) for name, phrases in kinds.items()}
            for language, kinds in rules.context.items()
        }
        self._negation = {language: pattern(words, language) for language, words in rules.negation.items()}

    def find(self, text: str, language: Language) -> str | None:
        """The first flag, in the file's order, that ``text`` raises; None when it raises none."""
        sentences = self._sentences(_prepared(text), language)
        for start in range(max(1, len(sentences) - _WINDOW + 1)):
            window = sentences[start : start + _WINDOW]
            now = self._present([sentence.text for sentence in window if sentence.now], language)
            said = now if all(s.now for s in window) else self._present([s.text for s in window], language)
            for name, flag in self._flags.items():
                if flag.raised(now, said):
                    return name
        return None

    def _sentences(self, text: str, language: Language) -> list[_Sentence]:
        parts = [part.strip() for part in _SENTENCE.split(text) if part.strip()]
        return [_Sentence(part, self._happens_now(part, language)) for part in parts]

    def _happens_now(self, sentence: str, language: Language) -> bool:
        context = self._context[language]
        if context["figurative"].search(sentence):
            return False
        general = context["information"].search(sentence) or context["past"].search(sentence)
        return not general or context["present"].search(sentence) is not None

    def _present(self, sentences: Iterable[str], language: Language) -> set[str]:
        """The concepts that the sentences affirm."""
        clauses = [_clauses(sentence) for sentence in sentences]
        return {
            name
            for name, pattern in self._concepts[language].items()
            if any(self._affirmed(pattern, sentence, starts, language) for sentence, starts in clauses)
        }

    def _affirmed(self, pattern: re.Pattern[str], sentence: str, starts: list[int], language: Language) -> bool:
        for match in pattern.finditer(sentence):
            clause = max(start for start in starts if start <= match.start())
            before = " ".join(sentence[clause : match.start()].split()[-_DENIED_WORDS:])
            if not self._negation[language].search(before):
                return True
        return False


def _prepared(text: str) -> str:
    words = re.sub(r"(?<!\w)ما (ه[وي])(?!\w)", r"ما\1", normalise(text))  # "what is" is no denial
    return re.sub(r"\b[a-z]+\b", lambda found: _NUMBERS.get(found.group(), found.group()), words)


def _clauses(sentence: str) -> tuple[str, list[int]]:
    return sentence, [0, *(found.end() for found in _CLAUSE.finditer(sentence))]
