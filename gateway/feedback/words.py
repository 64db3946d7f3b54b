"""A user's own words, without what would hide some of them or turn them round on somebody else's screen."""

from __future__ import annotations

import re

# control characters but for tab and newline; what turns the direction of text; separators that end a line for some
# programs; invisible ones, but for the joiners that Arabic and Persian need; halves of characters
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def cleaned(text: str | None) -> str | None:
    """None when nothing is left to read."""
    if text is None:
        return None
    return _HARMFUL.sub("", text.replace("\r\n", "\n")).strip() or None
