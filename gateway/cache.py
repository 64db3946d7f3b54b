"""Keeps predictions for a while, under a keyed digest of the input: neither a picture nor a name gets into Redis.

``doctorai:cache:<release>:<service>:<weights>:<input>``  a prediction as JSON; the last two are digests

The weights' own digest is part of the key, so a new version, or other weights under the same version, never answer
with what the old ones said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import ValidationError
from redis.asyncio import Redis

from gateway.cache_index import CacheIndex
from shared.contract import Prediction
from shared.logs import get_logger
from shared.redis import PREFIX, REDIS_ERRORS, RedisGuard, heed_cancellation

_log = get_logger(__name__)
_MOST_WAITING = 1000
Compute = Callable[[], Awaitable[Prediction]]


class PredictionCache:
    """Reads and writes; a Redis that is away is as good as an empty one.

    What comes while Redis is busy with one question is asked together in the next: the more callers, the fewer
    round trips each.
    """

    def __init__(self, redis: Redis, guard: RedisGuard, ttl: timedelta) -> None:
        self._redis = redis
        self._guard = guard
        self._ttl = ttl
        self._index = CacheIndex(redis, ttl)
        self._asked: dict[str, asyncio.Future[str | None]] = {}
        self._told: dict[str, str] = {}
        self._writing: dict[str, str] = {}
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    async def get(self, key: str) -> Prediction | None:
        if own := self._told.get(key) or self._writing.get(key):  # on its way to Redis, and not there yet
            return Prediction.model_validate_json(own)
        if self._guard.resting or not self._index.may_have(key):
            return None
        answer = self._asked.get(key)
        if answer is None:
            answer = self._asked[key] = asyncio.get_running_loop().create_future()
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            value = await asyncio.shield(answer)
            return Prediction.model_validate_json(value) if value else None
        except ValidationError:
            return None

    def put(self, key: str, prediction: Prediction) -> None:
        """Writes in the background: nobody waits for it."""
        if self._guard.resting or len(self._told) >= _MOST_WAITING:
            return
        self._told[key] = prediction.model_dump_json()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def start(self) -> None:
        await self._index.start()

    async def stop(self) -> None:
        """Ends once what waits is written."""
        await self._index.stop()
        await asyncio.gather(*(task for task in (self._reader, self._writer) if task), return_exceptions=True)

    async def _read(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                for answer, value in zip(asked.values(), await self._values(list(asked)), strict=True):
                    if not answer.done():
                        answer.set_result(value)
        finally:
            self._reader = None

    async def _values(self, keys: list[str]) -> list[str | None]:
        try:
            found = await self._guard.run(lambda: self._redis.mget([_name(key) for key in keys]))
        except REDIS_ERRORS:
            return [None] * len(keys)
        return [None if value is None else str(value) for value in found]

    async def _write(self) -> None:
        try:
            while self._told:
                self._writing, self._told = self._told, {}
                await self._keep(self._writing)
        finally:
            self._writing = {}
            self._writer = None

    async def _keep(self, told: dict[str, str]) -> None:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for key, value in told.items():
                pipeline.set(_name(key), value, ex=self._ttl)
                self._index.add(pipeline, key)
            try:
                await self._guard.run(pipeline.execute)
            except REDIS_ERRORS as error:
                _log.debug("cache_not_written", error=type(error).__name__)


class SingleFlight:
    """Of callers who want the same at the same time, one works and all get its answer.

    When the one who works leaves, another of those who wait begins anew.
    """

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Future[Prediction]] = {}

    async def join(self, key: str, compute: Compute) -> tuple[Prediction, bool]:
        """The answer, and whether it was another caller's work."""
        while (flight := self._flights.get(key)) is not None:
            try:
                return await asyncio.shield(flight), True
            except asyncio.CancelledError:
                heed_cancellation()  # it is this caller who leaves; else it was the one who worked
        return await self._work(key, compute), False

    async def _work(self, key: str, compute: Compute) -> Prediction:
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await compute()
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # it has been looked at, also when nobody waits
            raise
        else:
            flight.set_result(answer)
            return answer
        finally:
            del self._flights[key]
            flight.cancel()  # unless it is done: the caller left


def _name(key: str) -> str:
    return f"{PREFIX}:cache:{key}"
