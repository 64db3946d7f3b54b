"""Refuses a body that is too large while it arrives: before any parser, with or without a Content-Length.

A packed body is refused, too: what it unpacks to could not be told from its size.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import PayloadTooLarge, UnsupportedFormat
from shared.http.numbers import whole_number
from shared.http.problems import problem


class BodyLimit:
    """ASGI middleware: at most ``limit`` bytes of body; it may depend on the path."""

    def __init__(self, app: ASGIApp, limit: int | Callable[[str], int]) -> None:
        self._app = app
        self._limit_of = limit if callable(limit) else lambda _: limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if (packing := headers.get("content-encoding", "identity").lower()) != "identity":
            await problem(_packed(packing))(scope, receive, send)
            return
        size, limit = whole_number(headers.get("content-length", "0")), self._limit_of(scope["path"])
        if size is None or size > limit:
            await problem(_error(limit))(scope, receive, send)
            return
        body = _Counted(receive, send, limit)
        await self._app(scope, body.receive, body.send)


class _Counted:
    """Counts a body; once it is too large the answer is 413, whatever the application makes of the exception.

    FastAPI, for one, turns any exception in a JSON body into a 400.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self._error = _error(limit)
        self._refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise self._error
        return message

    async def send(self, message: Message) -> None:
        if self._left >= 0:
            await self._send(message)
        elif not self._refused:
            self._refused = True
            await problem(self._error)({"type": "http"}, self._receive, self._send)


def _packed(packing: str) -> UnsupportedFormat:
    return UnsupportedFormat(f"The request body is packed (Content-Encoding: {packing[:32]}); send it as it is.")


def _error(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The request body is larger than {limit:,} bytes.")
