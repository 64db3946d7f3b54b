"""What is taken out of a note, and what must stay in it."""

from __future__ import annotations

import pytest

from gateway.feedback.words import cleaned


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Histology says so.", "Histology says so."),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\x00b\x1b[31mc\x7fd\x9be", "ab[31mcde"),
        ("\u202eevil\u202c \u2066x\u2069 \u200fy\u061c", "evil x y"),
        ("one\u2028two\u2029three\u0085four", "onetwothreefour"),
        ("\ufeffzero\u200bwidth\U000e0041", "zerowidth"),
        ("half \ud800 of one", "half  of one"),
        ("  \n around \t ", "around"),
        ("می\u200cشود", "می\u200cشود"),
        ("قال الطبيب: ورم سحائي", "قال الطبيب: ورم سحائي"),
        ("🩻 👩\u200d⚕️", "🩻 👩\u200d⚕️"),
        ("\x00\u202e \n", None),
        ("", None),
        (None, None),
    ],
)
def test_cleaned(given: str | None, kept: str | None) -> None:
    assert cleaned(given) == kept
