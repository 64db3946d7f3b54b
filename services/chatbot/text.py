"""What strangers type, made fit to read: cleaned, its language told, its spelling evened out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import snowballstemmer
import yaml

from services.chatbot.topics import Language

_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_MARKS = re.compile(r"[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")  # vowel signs and the stretching line
_LETTERS = str.maketrans("أإآٱىةؤئگکیڤپچ", "اااايهويككيفبج")
_WORD = re.compile(r"\w+")
_ARABIC_SHARE = 0.3
_LONGEST_PIECE = 30  # words
_STOP_FILE = Path(__file__).resolve().parent / "rules" / "stop_words.yaml"

_STOP: dict[Language, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in yaml.safe_load(_STOP_FILE.read_text("utf-8")).items()
}


def clean(text: str) -> str:
    """``text`` in one Unicode form, without control and direction characters, runs of spaces made one."""
    composed = unicodedata.normalize("NFKC", text)
    kept = (" " if character.isspace() else character for character in composed if not _hidden(character))
    return " ".join("".join(kept).split())


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn") and not character.isspace()


def language_of(text: str) -> Language | None:
    """The language of ``text`` by its letters; Arabic when at least a third are; None when it has neither's."""
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    if arabic == latin == 0:
        return None
    return "ar" if arabic >= _ARABIC_SHARE * (arabic + latin) else "en"


def languages_in(text: str) -> tuple[Language, ...]:
    """The languages whose letters ``text`` has, the one with more of them first."""
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    counts: list[tuple[int, Language]] = [(arabic, "ar"), (latin, "en")]
    return tuple(language for count, language in sorted(counts, reverse=True) if count)


def normalise(text: str) -> str:
    """Lower case, western digits, no vowel signs, one form of each Arabic letter, no apostrophes."""
    folded = _MARKS.sub("", text.casefold()).translate(_LETTERS)
    folded = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in folded)
    return re.sub(r"['’‘`´]", "", folded).replace("-", " ").replace("_", " ")


def words(text: str) -> list[str]:
    """The words of a normalised text."""
    return _WORD.findall(text)


def tokens(text: str, language: Language) -> list[str]:
    """The stems of the words that carry meaning."""
    return [_stem(word, language) for word in words(normalise(text)) if word not in _STOP[language]]


@lru_cache(maxsize=50_000)
def _stem(word: str, language: Language) -> str:
    if language == "ar" and _ARABIC.search(word):
        return str(snowballstemmer.stemmer("arabic").stemWord(word))
    return str(snowballstemmer.stemmer("english").stemWord(_american(word)))


def _american(word: str) -> str:
    """Anaemia, oedema, tumour as anemia, edema, tumor."""
    word = word.replace("ae", "e").replace("oe", "e")
    return re.sub(r"our(s?)$", r"or\1", word) if len(word) > 4 else word


def windows(parts: Sequence[str], most: int = 16) -> list[str]:
    """Neighbouring parts of a long message, two and more together, so that no part drowns among the others.

    At most about ``most`` of them; none when there are no more than two parts.
    """
    pieces = [piece for part in parts for piece in _cut(part)]
    if len(pieces) <= 2:
        return []
    size = max(2, -(-2 * len(pieces) // most))
    return [" ".join(pieces[at : at + size]) for at in range(0, len(pieces) - 1, max(1, size // 2))]


def _cut(part: str) -> list[str]:
    """A part without any punctuation, cut into pieces of a sentence's length."""
    found = part.split()
    return [" ".join(found[at : at + _LONGEST_PIECE]) for at in range(0, len(found), _LONGEST_PIECE)]
