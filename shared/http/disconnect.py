"""Stops working for a caller who has hung up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

T = TypeVar("T")


class ClientDisconnected(Exception):
    """The caller is gone; the work was cancelled. Never leaves the process: there is nobody to tell."""


async def until_disconnect(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Awaits ``work``; cancels it and raises ClientDisconnected as soon as the caller goes.

    The request's body must have been read: what comes after it can only be the disconnect.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientDisconnected
    finally:
        for future in (task, gone):
            future.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
