"""Limits on how many at once: so many places, a short queue for them, and an honest no when that is full."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable

from shared.errors import Overloaded
from shared.http.deadline import Deadline
from shared.tracing.trace import add_span


class Places:
    """``size`` places and a queue of ``queue``, for one model or for the whole gateway; ``scope`` is which.

    ``tell_wait`` is told what each who got a place waited for it, in seconds."""

    def __init__(
        self,
        name: str,
        size: int,
        *,
        queue: int = 0,
        patience_s: float = 0.0,
        scope: str = "model",
        tell_wait: Callable[[float], object] = lambda waited_s: None,
    ) -> None:
        self._name = name
        self._scope = scope
        self.size = size
        self._free = asyncio.Semaphore(size)
        self._queue = queue
        self._patience_s = patience_s
        self._tell_wait = tell_wait
        self.taken = 0
        self.waiting = 0

    @contextlib.asynccontextmanager
    async def take(self, deadline: Deadline | None = None) -> AsyncIterator[None]:
        """Holds a place. Raises Overloaded, with ``Retry-After``, when there is none in time."""
        await self._take(deadline)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._free.release()

    async def _take(self, deadline: Deadline | None) -> None:
        if not self._free.locked():
            await self._free.acquire()  # does not wait
            self._tell_wait(0.0)
            return
        if self.waiting >= self._queue:
            raise self._full()
        self.waiting += 1
        began = time.perf_counter()
        try:
            async with asyncio.timeout(min(self._patience_s, max(deadline.left, 0) if deadline else math.inf)):
                await self._free.acquire()
        except TimeoutError:
            raise self._full() from None
        else:
            self._tell_wait(time.perf_counter() - began)
        finally:
            self.waiting -= 1
            add_span("wait", began, time.perf_counter())

    def _full(self) -> Overloaded:
        detail = f"{self._name} has as many requests in hand as it may; try again shortly."
        return Overloaded(detail, headers={"Retry-After": "1"}, scope=self._scope)
