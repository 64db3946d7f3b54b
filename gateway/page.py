"""Serves a built page, see docs/page.md: what deploy/nginx/frontend.conf does where there are containers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import NotFound
from shared.http.problems import problem

INDEX = "index.html"
VIEWS = ("analyse", "chat", "system", "models", "admin", "history", "settings")
"""The page's own views: their addresses, and those below them, are answered with INDEX."""
FILES = ("/icon.svg",)
"""Files beside INDEX; those of ``frontend/public``."""
API = ("api", "v1", "v2", "docs", "redoc", "openapi.json", "metrics", "livez", "readyz", "static-offline-docs")
"""First parts of addresses that are the API's, also where it has nothing there."""
_ASSETS = "/assets/"
_PLAIN = re.compile(r"[\w.-]*\w(/[\w.-]*\w)*")
"""A file's name as it stands: no ``..``, nothing twice."""
POLICY = (
    # the hash is of the one rule that React Aria adds for what can be pressed
    "default-src 'self'; style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Accept-Ranges": "none",
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}
"""Of every file of the page, beside those of every answer."""
IMMUTABLE = "public, max-age=31536000, immutable"


class _Found(NamedTuple):
    """A file, and the route as it is written."""

    name: str
    path: str


class Page:
    """ASGI middleware outside of the gate: answers what is the page's, and hands on all the rest."""

    def __init__(self, app: ASGIApp, *, folder: Path) -> None:
        self._app = app
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            found = _find(scope["path"]) or _lost(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = found
        whole = [(name, value) for name, value in scope["headers"] if name != b"range"]  # nobody needs a part of it
        await (await self._answer(found.name, scope))({**scope, "headers": whole}, receive, send)

    async def _answer(self, name: str, scope: Scope) -> Response:
        try:
            if not _PLAIN.fullmatch(name):  # nor one that would lead to another file of the page
                raise HTTPException(404)
            answer = await self._files.get_response(name, scope)
        except HTTPException:
            return problem(NotFound(f"There is nothing at {scope['path']}."))
        answer.headers.update(HEADERS)
        if scope["path"].startswith(_ASSETS):  # their names change with what is in them
            answer.headers["Cache-Control"] = IMMUTABLE
        return answer


def _find(path: str) -> _Found | None:
    if path == "/" or (path.startswith("/") and path.split("/", 2)[1] in VIEWS and "." not in path):
        return _Found(INDEX, "/")
    if path in FILES:
        return _Found(path[1:], path)
    return _Found(path[1:], f"{_ASSETS}{{path}}") if path.startswith(_ASSETS) else None


def _lost(scope: Scope) -> _Found | None:
    """INDEX for somebody who has typed an address that nobody has: the page goes on from there."""
    wants_page = "text/html" in Headers(scope=scope).get("accept", "")
    is_apis = scope["path"].lstrip("/").split("/", 1)[0] in API
    return _Found(INDEX, "/") if wants_page and not is_apis else None
