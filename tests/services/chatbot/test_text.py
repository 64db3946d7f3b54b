"""What strangers type is made fit to read."""

from __future__ import annotations

import pytest

from services.chatbot.text import clean, language_of, languages_in, normalise, tokens


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("  a \t b\n\nc ", "a b c"),
        ("he\x00ll\x07o", "hello"),
        ("\u202eabc\u202c", "abc"),
        ("pa\u200bin", "pain"),
        ("\ud800 fever", "fever"),
        ("ﬁt", "fit"),
        ("\x00\x1b\u200f", ""),
    ],
)
def test_clean(given: str, wanted: str) -> None:
    assert clean(given) == wanted


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have a fever", "en"),
        ("عندي حرارة", "ar"),
        ("عندي anxiety منذ شهر", "ar"),
        ("What does صداع mean in English medical language?", "en"),
        ("12345 ??", None),
        ("у меня болит голова", None),
    ],
)
def test_language_of(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_languages_in_lists_the_stronger_first() -> None:
    assert languages_in("chest pain ألم") == ("en", "ar")
    assert languages_in("ألم في الصدر pain") == ("ar", "en")
    assert languages_in("…") == ()


def test_normalise_evens_out_arabic_spelling_and_digits() -> None:
    assert normalise("أُصِيبَ الطِّفلُ بالحُمّى ٣٨") == normalise("اصيب الطفل بالحمي 38")
    assert normalise("Can’t BREATHE") == "cant breathe"


def test_tokens_join_spellings_of_both_sides_of_the_atlantic() -> None:
    assert tokens("anaemia tumour diarrhoea", "en") == tokens("anemia tumor diarrhea", "en")
    assert tokens("the and of", "en") == []
    assert tokens("الصداع", "ar") == tokens("صداع", "ar")
