"""The cookie of the page's session. It goes to the session's own paths alone, and ends with the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from shared.errors import Unauthorized

NAME = "doctorai_session"
PATH = "/api/session"


def shown(request: Request) -> str | None:
    """What the request shows; None without one. Raises Unauthorized for two: one of them is not ours, and put there."""
    parts = (part for header in request.headers.getlist("cookie") for part in header.split(";"))
    if [part.partition("=")[0].strip() for part in parts].count(NAME) > 1:
        detail = f"There are two cookies {NAME}: sign in."
        headers = {"WWW-Authenticate": "Bearer", "Set-Cookie": cleared(request)}
        raise Unauthorized(detail, headers=headers, scope="credential")
    return request.cookies.get(NAME)


def put(request: Request, response: Response, token: str) -> None:
    """Sets it, for https alone where the request came that way."""
    secure = request.url.scheme == "https"
    response.set_cookie(NAME, token, path=PATH, secure=secure, httponly=True, samesite="strict")


def cleared(request: Request) -> str:
    """A ``Set-Cookie`` that removes it."""
    response = Response()
    secure = request.url.scheme == "https"
    response.delete_cookie(NAME, path=PATH, secure=secure, httponly=True, samesite="strict")
    return response.headers["Set-Cookie"]
