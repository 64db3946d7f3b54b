"""Server-sent events: an answer that is complete and checked, handed out piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import Request
from fastapi.sse import EventSourceResponse, format_sse_event

_PIECE = re.compile(r"\S+\s*|\s+")
_WORDS = 6


def wants_stream(request: Request) -> bool:
    """True when the caller asks for events."""
    return "text/event-stream" in request.headers.get("accept", "")


def pieces(text: str) -> Iterator[str]:
    """``text`` in pieces of a few words; together they are ``text``."""
    found = _PIECE.findall(text)
    yield from ("".join(found[at : at + _WORDS]) for at in range(0, len(found), _WORDS))


def event(data: str, name: str | None = None) -> bytes:
    """One event; ``data`` is sent as it is."""
    return format_sse_event(data_str=data, event=name)


def event_stream(events: Iterable[bytes], headers: dict[str, str] | None = None) -> EventSourceResponse:
    """The answer to a caller that asked for events; no proxy may hold it back."""

    async def body() -> Any:
        for one in events:
            yield one

    return EventSourceResponse(
        body(), headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"} | (headers or {})
    )
