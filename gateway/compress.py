"""Compresses what is read, such as cards and the API's document."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send


class Compress(GZipMiddleware):
    """Leaves answers to POST alone: a prediction is small, and packing it would cost more than it saves."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "GET":
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
