"""Stops working for a caller who has hung up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")
_PATIENCE_S = 0.05


class ClientDisconnected(Exception):
    """The caller is gone; the work was cancelled. Never leaves the process: there is nobody to tell."""


GONE = (ClientDisconnected, ClientDisconnect)
"""How it shows that the caller has left: while we worked, and (Starlette's) while the request was still arriving."""


async def until_disconnect(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Awaits ``work``; cancels it and raises ClientDisconnected soon after the caller has gone.

    The request's body must have been read: what comes after it can only be the disconnect. It is looked for only once
    the work takes a while, because a watch costs more than most work that is done sooner.
    """
    watch = _Watch(request)
    timer = asyncio.get_running_loop().call_later(_PATIENCE_S, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.gone and watch.worker.uncancel() == 0:
            raise ClientDisconnected from None
        raise
    finally:
        timer.cancel()
        watch.end()


class _Watch:
    """Waits for the disconnect beside the task that works, and cancels that."""

    def __init__(self, request: Request) -> None:
        worker = asyncio.current_task()
        assert worker is not None  # noqa: S101 - a coroutine that runs has a task
        self.worker = worker
        self.gone = False
        self._request = request
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._wait())

    def end(self) -> None:
        if self._task:
            self._task.cancel()
            self._task = None

    async def _wait(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        if self._task is not None:
            self.gone = True
            self.worker.cancel()
