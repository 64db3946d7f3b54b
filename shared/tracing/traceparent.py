"""The W3C header that carries a trace from one process to the next.

``tracestate`` and ``baggage`` are not passed on: callers could put anything into them.
"""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

HEADER = "traceparent"
_RAW = HEADER.encode()
_FORM = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 1


class Parent(NamedTuple):
    """Who asked: ids in hexadecimal, and whether its spans are recorded."""

    trace_id: str
    span_id: str
    sampled: bool


def parent_of(scope: Any) -> Parent | None:
    """The parent that a request names; None when it names none, several, or one that is malformed."""
    given = [value for name, value in scope["headers"] if name == _RAW]
    return _parse(given[0]) if len(given) == 1 else None


def _parse(value: bytes) -> Parent | None:
    found = _FORM.fullmatch(value)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == b"ff" or (version == b"00" and more) or not trace_id.strip(b"0") or not span_id.strip(b"0"):
        return None
    return Parent(trace_id.decode(), span_id.decode(), bool(int(flags, 16) & _SAMPLED))


def header_of(trace_id: str, span_id: str, *, sampled: bool) -> str:
    """The header's value."""
    return f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"


def new_trace_id() -> str:
    return os.urandom(16).hex()


def new_span_id() -> str:
    return os.urandom(8).hex()
