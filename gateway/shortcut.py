"""The way to a prediction that does not lead through the framework.

Routing through nested routers and resolving dependencies took a sixth of the gateway's time for a prediction
(`python -m benchmarks gateway-profile`). The routes in `routes.predict` stay: they describe the API, and answer
all else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.refusals import Refuse
from shared.errors import DoctorAIError

Answer = Callable[[Request, str], Awaitable[Response]]


@dataclass(frozen=True)
class _Route:
    """What the metrics call the route."""

    path: str


class Shortcut:
    """ASGI middleware, the innermost: ``answer`` is given POST requests to ``prefix`` and a name, or to ``paths``."""

    def __init__(
        self, app: ASGIApp, *, answer: Answer, refuse: Refuse, prefix: str, paths: dict[str, str], owner: ASGIApp
    ) -> None:
        self._app = app
        self._answer = answer
        self._refuse = refuse
        self._prefix = prefix
        self._below = _Route(prefix + "{model}")
        self._paths = {path: (name, _Route(path)) for path, name in paths.items()}
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        name, scope["route"] = found
        scope["app"] = self._owner
        try:
            response = await self._answer(Request(scope, receive, send), name)
        except DoctorAIError as error:
            response = self._refuse(error)
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[str, _Route] | None:
        path = scope["path"]
        if not path.startswith(self._prefix):
            return self._paths.get(path)
        name = path[len(self._prefix) :]
        return (name, self._below) if name and "/" not in name else None
