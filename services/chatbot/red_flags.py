"""Spots an emergency before anything else: rules that a clinician can read (``rules/red_flags.yaml``), no model.

A message is read in windows of three sentences. A flag is raised when all concepts of one of its lines are there, none
of them denied in its clause, in sentences that tell of something that happens now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_COMMA = re.compile(r"(?<=[,،])")
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
    concepts: frozenset[str]
    """What it affirms."""

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
        sentences = [self._read(part, language) for part in self.parts(text, language)]
        for start in range(max(1, len(sentences) - _WINDOW + 1)):
            window = sentences[start : start + _WINDOW]
            now = {concept for sentence in window if sentence.now for concept in sentence.concepts}
            said = {concept for sentence in window for concept in sentence.concepts}
            for name, flag in self._flags.items():
                if flag.raised(now, said):
                    return name
        return None

    def parts(self, text: str, language: Language) -> list[str]:
        """The sentences of ``text``; a question for information after a comma is one of its own."""
        asks = self._context[language]["information"]
        found: list[str] = []
        for sentence in _SENTENCE.split(text):
            current = ""
            for clause in _COMMA.split(sentence):
                if current and asks.match(_prepared(clause).strip()):
                    found.append(current)
                    current = ""
                current += clause
            found.append(current)
        return [part.strip() for part in found if part.strip()]

    def _read(self, part: str, language: Language) -> _Sentence:
        sentence = _prepared(part)
        starts = [0, *(found.end() for found in _CLAUSE.finditer(sentence))]
        concepts = frozenset(
            name
            for name, concept in self._concepts[language].items()
            if self._affirmed(concept, sentence, starts, language)
        )
        return _Sentence(concepts, self._happens_now(sentence, language))

    def _happens_now(self, sentence: str, language: Language) -> bool:
        context = self._context[language]
        if context["figurative"].search(sentence):
            return False
        if context["present"].search(sentence):
            return True
        if context["past"].search(sentence):
            return False
        if context["information"].search(sentence):
            return bool(context["person"].search(sentence) and not context["supposed"].search(sentence))
        return True

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
