"""What strangers type, made fit to read: cleaned, its language told, its spelling evened out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

from services.chatbot.topics import Language

_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_MARKS = re.compile(r"[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")  # vowel signs and the stretching line
_LETTERS = str.maketrans("أإآٱىةؤئگکیڤپچ", "اااايهويككيفبج")
_WORD = re.compile(r"\w+")
_ARABIC_SHARE = 0.3

_STOP: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "a about am an and any are as at be been but by can could did do does for from get had has have having he her "
        "him his how i if im in into is it its ive just like me my of on or our please she should so some tell that "
        "the their them there they this to us was we were what when where which who why will with would you your".split()
    ),
    "ar": frozenset(
        "في من على عن الى مع هل ما ماذا ماهي ماهو هو هي هذا هذه ذلك التي الذي ان انا انت لي لو او ثم كيف متى اين لماذا كان "
        "كانت يكون قد كل عند عندي عندما اريد اعرف ممكن يمكن كم اي ايه ليه ازاي شو ليش وش ايش و يا لا".split()
    ),
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


def normalise(text: str) -> str:
    """Lower case, western digits, no vowel signs, one form of each Arabic letter, no apostrophes."""
    folded = _MARKS.sub("", text.casefold()).translate(_LETTERS)
    folded = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in folded)
    return re.sub(r"['’‘`´]", "", folded).replace("-", " ").replace("_", " ")


def tokens(text: str, language: Language) -> list[str]:
    """The stems of the words that carry meaning."""
    words = [word for word in _WORD.findall(normalise(text)) if word not in _STOP[language]]
    return [_stem(word, language) for word in words]


@lru_cache(maxsize=50_000)
def _stem(word: str, language: Language) -> str:
    if language == "ar" and _ARABIC.search(word):
        return str(snowballstemmer.stemmer("arabic").stemWord(word))
    return str(snowballstemmer.stemmer("english").stemWord(_american(word)))


def _american(word: str) -> str:
    """Anaemia, oedema, tumour as anemia, edema, tumor."""
    word = word.replace("ae", "e").replace("oe", "e")
    return re.sub(r"our(s?)$", r"or\1", word) if len(word) > 4 else word
