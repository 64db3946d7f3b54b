"""The cookie of the page's session. It goes to the session's own paths alone, and ends with the browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

NAME = "doctorai_session"
PATH = "/api/session"


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
