"""Refuses a body that is too large while it arrives: before any parser, with or without a Content-Length.

A packed body is refused, too: what it unpacks to could not be told from its size. So is one that does not arrive: it
would hold its place for ever. A refused connection ends, but not at once: a caller who is still sending would see it
break, and never read why.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import DoctorAIError, PayloadTooLarge, UnsupportedFormat, UploadTimeout
from shared.http.numbers import whole_number
from shared.http.problems import problem

WITHIN_S = 30.0
"""How long a body may take to arrive."""
LINGER_S = 5.0
"""How long what a refused caller goes on to send is taken, and dropped."""
_END = {"Connection": "close"}


class BodyLimit:
    """ASGI middleware: at most ``limit`` bytes of body; it may depend on the path."""

    def __init__(
        self,
        app: ASGIApp,
        limit: int | Callable[[str], int],
        *,
        within_s: float = WITHIN_S,
        linger_s: float = LINGER_S,
    ) -> None:
        self._app = app
        self._limit_of = limit if callable(limit) else lambda _: limit
        self._within_s = within_s
        self._linger_s = linger_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, limit = Headers(scope=scope), self._limit_of(scope["path"])
        if error := _refusal(headers, limit):
            await _refuse(error, receive, send, self._linger_s)
            return
        chunked = "transfer-encoding" in headers
        body = _Counted(receive, send, limit, self._within_s, self._linger_s, chunked=chunked)
        await self._app(scope, body.receive, body.send)


class _Counted:
    """Counts a body; once it is too large, or too late, the answer says so, whatever the application makes of it.

    FastAPI, for one, turns any exception in a JSON body into a 400.
    """

    def __init__(
        self, receive: Receive, send: Send, limit: int, within_s: float, linger_s: float, *, chunked: bool
    ) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self._limit = limit
        self._within_s = within_s
        self._linger_s = linger_s
        self._until: float | None = None
        self._chunked = chunked
        self._arriving = True
        self._error: DoctorAIError | None = None
        self._refused = False

    async def receive(self) -> Message:
        if not self._arriving:  # what comes after the body is the disconnect
            return await self._receive()
        message = await self._next()
        self._arriving = message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self._error = _too_large(self._limit)
            raise self._error
        return message

    async def _next(self) -> Message:
        self._until = self._until or asyncio.get_running_loop().time() + self._within_s
        try:
            async with asyncio.timeout_at(self._until):
                return await self._receive()
        except TimeoutError:
            late = f"The request body did not arrive within {self._within_s:g} s."
            self._error = UploadTimeout(late, headers=_END)
            raise self._error from None

    async def send(self, message: Message) -> None:
        if self._error is None:
            await self._answer(message)
        elif not self._refused:
            self._refused = True
            await _refuse(self._error, self._receive, self._send, self._linger_s if self._arriving else 0)

    async def _answer(self, message: Message) -> None:
        """The application's own; when it has not read a body whose end cannot be told, the connection ends with it."""
        if self._chunked and self._arriving:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_END)
            elif not message.get("more_body", False):
                await self._send({**message, "more_body": True})
                await _drain(self._receive, self._linger_s)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)


async def _refuse(error: DoctorAIError, receive: Receive, send: Send, linger_s: float) -> None:
    """Answers at once, and ends the connection once the caller has had time to read it."""
    answer = problem(error)
    await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    await _drain(receive, linger_s)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drain(receive: Receive, linger_s: float) -> None:
    """Takes and drops what still comes."""
    if linger_s > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(linger_s):
                while (await receive()).get("more_body", False):
                    pass


def _refusal(headers: Headers, limit: int) -> DoctorAIError | None:
    """What is wrong with a body that has not come yet."""
    packing, coding = headers.get("content-encoding", "identity"), headers.get("transfer-encoding", "chunked")
    if packing.lower() != "identity" or coding.lower() != "chunked":
        name = packing if packing.lower() != "identity" else coding
        return UnsupportedFormat(f"The request body is packed ({name[:32]}); send it as it is.", headers=_END)
    size = whole_number(headers.get("content-length", "0"))
    return _too_large(limit) if size is None or size > limit else None


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The request body is larger than {limit:,} bytes.", headers=_END)
