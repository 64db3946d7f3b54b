"""The request id: taken from the caller when it is well formed, made otherwise, in every answer and log line."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
_RAW_HEADER = HEADER.lower().encode()
_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_WELL_FORMED = re.compile(r"[A-Za-z0-9._\-]{8,64}")


def request_id() -> str:
    """The id of the request in hand; "-" outside one."""
    return _request_id.get()


class RequestContext:
    """ASGI middleware, the outermost: gives each request its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        identifier = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        token = _request_id.set(identifier)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_RAW_HEADER, identifier.encode())]
            await send(message)

        try:
            with structlog.contextvars.bound_contextvars(request_id=identifier):
                await self._app(scope, receive, send_with_id)
        finally:
            _request_id.reset(token)
