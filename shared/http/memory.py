"""Tells a caller that a conversation could not be kept."""

from __future__ import annotations

HEADER = "X-Session-Memory"
UNAVAILABLE = "unavailable"


def memory_header(*, remembered: bool) -> dict[str, str]:
    """The header to add to an answer: none when all is well."""
    return {} if remembered else {HEADER: UNAVAILABLE}
