"""The access log: one line for each request, by the gateway alone. Who asked, and for whom, is the audit log's."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.gate import HEALTH
from gateway.observe import METHODS
from shared.http.route import route_of
from shared.logs import tell
from shared.tracing.trace import current

_log = logging.getLogger(__name__)
_CLIENT_GONE = 499
"""The status of a request whose caller left before it was answered, as nginx has it."""


class AccessLog:
    """ASGI middleware, just inside of RequestContext. Neither addresses, users, paths nor queries are written."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, sent = time.perf_counter(), _CLIENT_GONE, 0

        async def noted(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            _tell(scope, status, sent, time.perf_counter() - began)


def _tell(scope: Scope, status: int, sent: int, took_s: float) -> None:
    trace = current()
    fields = {
        "method": scope["method"] if scope["method"] in METHODS else "OTHER",
        "route": route_of(scope) or "unmatched",
        "status": status,
        "duration_ms": round(took_s * 1000, 2),
        "bytes": sent,
    }
    if trace and trace.model:
        fields["model"] = trace.model
    # orchestrators and scrapers ask every few seconds
    tell(_log, logging.DEBUG if scope["path"] in HEALTH else logging.INFO, "request", fields)
