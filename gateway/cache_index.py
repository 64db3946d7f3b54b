"""Which answers are in the cache, so that a picture that nobody has sent before waits for no question to Redis.

``doctorai:cache:index``  a stream of the keys that any gateway has written, the last 50,000

Each gateway reads it once a second. While that does not work, Redis is asked for every key.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from shared.redis import PREFIX, REDIS_ERRORS, heed_cancellation
from shared.tasks import end_task

_STREAM = f"{PREFIX}:cache:index"
_FIELD = "key"
_MOST = 50_000
_AT_ONCE = 10_000
_EVERY_S = 1.0


class CacheIndex:
    """A key that is not known here is not in the cache, or was written by another gateway within the last second."""

    def __init__(self, redis: Redis, ttl: timedelta) -> None:
        self._redis = redis
        self._ttl = ttl
        self._known: dict[str, None] = {}
        self._last = "0"
        self._complete = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        await end_task(self._task)

    def may_have(self, key: str) -> bool:
        """False when Redis need not be asked."""
        return not self._complete or key in self._known

    def add(self, pipeline: Any, key: str) -> None:
        """Notes that ``key`` is written, here and, with the ``pipeline`` that writes it, for the others."""
        self._note(key)
        pipeline.xadd(_STREAM, {_FIELD: key}, maxlen=_MOST, approximate=True)
        pipeline.expire(_STREAM, self._ttl)

    def _note(self, key: str) -> None:
        self._known[key] = None
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    async def _follow(self) -> None:
        while True:
            try:
                more = await self._read()
                self._complete = True
            except REDIS_ERRORS:
                more, self._complete = False, False
            heed_cancellation()
            if not more:
                await asyncio.sleep(_EVERY_S)

    async def _read(self) -> bool:
        """Takes in what is new; True when there is more."""
        found: Any = await self._redis.xrange(_STREAM, min=f"({self._last}", count=_AT_ONCE)
        for identifier, fields in found:
            self._last = str(identifier)
            self._note(str(fields.get(_FIELD)))
        return len(found) == _AT_ONCE
