"""What a PromQL expression reads."""

from __future__ import annotations

import re

_WORDS = {"and", "or", "unless", "offset", "bool", "inf", "nan"}
_NO_NAMES = (
    r'"(?:\\.|[^"\\])*"',
    r"\{[^}]*\}",
    r"\[[^\]]*\]",
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)",
    r"\boffset\s+\S+",
)


def series_in(expr: str) -> set[str]:
    """The names of the series, recorded ones among them."""
    for pattern in _NO_NAMES:
        expr = re.sub(pattern, " ", expr)
    found = re.findall(r"(?<![\w:.$])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()", expr)
    return {name for name in found if name.lower() not in _WORDS}


def families_in(expr: str) -> set[str]:
    """The metrics that they are of, as a page of metrics names them; recorded ones left out."""
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in series_in(expr) if ":" not in name}
