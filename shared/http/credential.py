"""The services' door: only the gateway, which knows their common secret, is answered."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Unauthorized
from shared.http.problems import problem

HEADER = "X-Service-Token"
_OPEN = ("/health/live", "/health/ready", "/metrics", "/v2/health/live", "/v2/health/ready")
"""For orchestrators and Prometheus: nothing of a patient is there."""


def is_open(path: str) -> bool:
    """True for what is answered without the credential."""
    return path in _OPEN


class ServiceCredential:
    """ASGI middleware: 401 for whoever does not show ``token``."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["path"]) or self._shown(scope):
            await self._app(scope, receive, send)
            return
        await problem(Unauthorized("Only the gateway is answered here."))(scope, receive, send)

    def _shown(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist(HEADER)
        return len(given) == 1 and hmac.compare_digest(given[0].encode(), self._token)
