"""What a spreadsheet is given."""

from __future__ import annotations

from typing import Any

import pytest

from shared.cells import cell


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＠SUM(A1)"])
def test_a_formula_is_text(value: str) -> None:
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("", ""), ("a=1", "a=1"), (0.5, "0.5"), (True, "true"), ({"a": 1}, '{"a": 1}'), ("ورم", "ورم")],
)
def test_all_else_is_as_it_is(value: Any, text: str) -> None:
    assert cell(value) == text
