"""Who got which prediction, for some days, so that nobody but them can say something about it.

``doctorai:receipt:<place>``  a receipt, sealed with the caller's id and the id of the request

A client may choose its request ids. The place is a keyed digest of both ids, so one caller's never meets another's:
nobody can overwrite, read or probe what somebody else got.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import islice

from pydantic import ValidationError
from redis.asyncio import Redis

from gateway.auth.keyring import Keyring
from gateway.feedback.receipt import Receipt, receipt_of
from gateway.metrics import GatewayMetrics
from shared.contract import Prediction
from shared.errors import FeedbackUnavailable
from shared.http.context import request_id
from shared.logs import get_logger
from shared.redis import PREFIX, REDIS_ERRORS, RedisGuard
from shared.sealed import Sealed

_log = get_logger(__name__)
_MOST_WAITING = 1000
_AT_ONCE = 50
"""Receipts of one round trip: sealing them holds the loop up for about 2 ms."""
Name = tuple[str, str]
"""The caller's id, the request's."""


class Receipts:
    """Writes in the background; while Redis is away receipts are dropped, and counted."""

    def __init__(
        self, redis: Redis, guard: RedisGuard, keyring: Keyring, ttl: timedelta, metrics: GatewayMetrics
    ) -> None:
        self._redis = redis
        self._guard = guard
        self._keyring = keyring
        self._ttl = ttl
        self._metrics = metrics
        self._waiting: dict[Name, Receipt] = {}
        self._writing: dict[Name, Receipt] = {}
        self._writer: asyncio.Task[None] | None = None

    def keep(self, caller: str, prediction: Prediction) -> None:
        """Notes that ``caller`` got ``prediction``. Never waits, never raises.

        An answer that was replayed carries the id of the first request; this one's finds it, too.
        """
        if not self._ttl:
            return
        if self._guard.resting:
            self._drop("redis", 1)
            return
        if len(self._waiting) >= _MOST_WAITING:
            self._drop("full", 1)
            return
        receipt = receipt_of(caller, prediction)
        self._waiting.update({(caller, name): receipt for name in (prediction.request_id, request_id())})
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def find(self, caller: str, request: str) -> Receipt | None:
        """What ``caller`` got under that id; None when that is nothing, or too long ago.

        Raises FeedbackUnavailable when Redis does not answer.
        """
        name = (caller, request)
        if own := self._waiting.get(name) or self._writing.get(name):  # on its way to Redis, and not there yet
            return own
        places = [Sealed("receipt", digest) for digest in self._keyring.digests("receipt", *name)]
        try:
            found = await self._guard.run(lambda: self._redis.mget([_key(place) for place in places]))
        except REDIS_ERRORS as error:
            detail = "Redis does not answer: nobody can tell which prediction this is about."
            raise FeedbackUnavailable(detail, headers={"Retry-After": "2"}) from error
        opened = (place.open(str(value)) for place, value in zip(places, found, strict=True) if value is not None)
        return next((receipt for text in opened if (receipt := _parse(text)) and receipt.caller == caller), None)

    async def stop(self) -> None:
        """Ends once what waits is written, or dropped."""
        if self._writer:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while self._waiting:
                self._writing = {name: self._waiting.pop(name) for name in list(islice(self._waiting, _AT_ONCE))}
                await self._put(self._writing)
        finally:
            self._writing = {}
            self._writer = None

    async def _put(self, receipts: dict[Name, Receipt]) -> None:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for name, receipt in receipts.items():
                place = Sealed("receipt", self._keyring.digest("receipt", *name))
                pipeline.set(_key(place), place.seal(receipt.model_dump_json()), ex=self._ttl)
            try:
                await self._guard.run(pipeline.execute)
            except REDIS_ERRORS as error:
                self._drop("redis", len(set(receipts.values())))
                _log.debug("receipts_not_written", error=type(error).__name__)

    def _drop(self, reason: str, count: int) -> None:
        self._metrics.receipts_dropped.labels(reason).inc(count)


def _key(place: Sealed) -> str:
    return f"{PREFIX}:receipt:{place.place}"


def _parse(text: str | None) -> Receipt | None:
    # one of another version of this program is as good as none
    try:
        return Receipt.model_validate_json(text) if text else None
    except ValidationError:
        return None
