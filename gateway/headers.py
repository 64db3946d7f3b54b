"""The security headers of every answer."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# the pages of the documentation bring their scripts with them, and start them inline
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
)
_PAGES = ("/docs", "/redoc", "/static-offline-docs/")
Raw = list[tuple[bytes, bytes]]


def _raw(headers: dict[str, str]) -> Raw:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_OF_PAGES = _raw({**_ALWAYS, "Content-Security-Policy": _PAGE_POLICY})
_OF_ANSWERS = _raw({**_ALWAYS, "Content-Security-Policy": _API_POLICY})
_UNCACHED = _raw({"Cache-Control": "no-store"})
_ENCRYPTED = _raw({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"})


class SecurityHeaders:
    """ASGI middleware. An answer with anything of a patient is kept by no cache on the way.

    A header that an answer has already is left as it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers(scope, message["headers"])]
            await send(message)

        await self._app(scope, receive, with_headers)


def _headers(scope: Scope, present: Raw) -> Raw:
    page = scope["path"].startswith(_PAGES)
    found = _OF_PAGES if page else _OF_ANSWERS
    if not page:
        found = found + _UNCACHED
    if scope["scheme"] == "https":
        found = found + _ENCRYPTED
    there = {name for name, _ in present}
    return [header for header in found if header[0] not in there]
