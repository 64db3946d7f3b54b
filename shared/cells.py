"""Cells of a table that a spreadsheet will open: what a caller chose must not become a formula."""

from __future__ import annotations

import json
from typing import Any

# the last four are how some keyboards write the first four, and some spreadsheets read them
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """The text of a cell; one that looks like a formula begins with an apostrophe, which spreadsheets do not show."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
