"""The request id: taken from the caller when it is well formed, made otherwise, in every answer and log line.

With it goes the request's trace, which begins and ends here.
"""

from __future__ import annotations

import os
import re
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.tracing.trace import enter, leave, trace_id
from shared.tracing.tracing import Tracing

HEADER = "X-Request-ID"
_RAW_HEADER = HEADER.lower().encode()
_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._\-]{8,64}")


def request_id() -> str:
    """The id of the request in hand; "-" outside one."""
    return _request_id.get()


def ids() -> dict[str, str]:
    """What a log line says of the request in hand: ``request_id`` and ``trace_id``; nothing outside one."""
    found = _request_id.get()
    return {} if found == "-" else {"request_id": found, "trace_id": trace_id()}


class RequestContext:
    """ASGI middleware, the outermost: gives each request its id, and its trace."""

    def __init__(self, app: ASGIApp, tracing: Tracing | None = None) -> None:
        self._app = app
        self._tracing = tracing or Tracing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier, status = _given(scope) or os.urandom(16).hex(), 0
        trace = self._tracing.begin(scope)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_RAW_HEADER, identifier.encode())]
            await send(message)

        marks = _request_id.set(identifier), enter(trace)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            trace.end(scope, status, identifier)
            _request_id.reset(marks[0])
            leave(marks[1])


def _given(scope: Scope) -> str:
    """The caller's id; "" for none, or one that is malformed. Of several the first counts."""
    for name, value in scope["headers"]:
        if name == _RAW_HEADER:
            return value.decode() if _WELL_FORMED.fullmatch(value) else ""
    return ""
