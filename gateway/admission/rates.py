"""Limits on how often, counted over a sliding window in Redis and so shared by all gateways.

Without Redis each gateway counts for itself, with the same limits: N gateways then let through N times as much at most.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Literal
from weakref import WeakValueDictionary

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis

from shared.errors import RateLimited
from shared.redis import PREFIX, REDIS_ERRORS, RedisGuard

_PER_BLOCK = 100
"""A limit of this many or more is drawn in blocks of a hundredth of it: one question to Redis for several requests."""
_LARGEST_BLOCK = 50
_BLOCK_S = 1.0
_KEPT = 10_000
_APART_S = 15.0
"""How long a request that was counted here alone is remembered: until a scraper has come by."""
Kind = Literal["user", "address", "sign_in"]
"""What is limited; of a refusal, its scope."""
_Name = tuple[str, Kind, str]
"""Of what is counted: the limit, its kind, who."""


@dataclass
class _Block:
    """Permits that Redis has counted already."""

    left: int
    until: float


class RateLimits:
    """``hit`` once a request and identity."""

    def __init__(self, redis: Redis, guard: RedisGuard) -> None:
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=f"{PREFIX}:rate",
            connection_pool=redis.connection_pool,  # type: ignore[arg-type]
        )
        self._shared = SlidingWindowCounterRateLimiter(storage)
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._guard = guard
        self._blocks: dict[_Name, _Block] = {}
        self._apart_at = -_APART_S
        self._drawing: WeakValueDictionary[_Name, asyncio.Lock] = WeakValueDictionary()

    @property
    def shared(self) -> bool:
        """False when a request was counted without Redis within the last 15 seconds."""
        return time.monotonic() - self._apart_at >= _APART_S

    async def hit(self, limit: RateLimitItem, kind: Kind, identity: str) -> None:
        """Counts one request. Raises RateLimited, with ``Retry-After`` and ``RateLimit-*``, above ``limit``."""
        name: _Name = (str(limit), kind, identity)
        if self._take(name):
            return
        # one draws for all who come meanwhile: blocks that they drew beside each other would be lost to them
        lock = self._drawing.setdefault(name, asyncio.Lock())
        async with lock:
            if self._take(name):
                return
            try:
                await self._guard.run(lambda: self._draw(limit, name))
            except REDIS_ERRORS:
                self._apart_at = time.monotonic()
                if not await self._local.hit(limit, kind, identity):
                    raise await _refusal(self._local, limit, kind, identity) from None

    def _take(self, name: _Name) -> bool:
        """Takes a permit that has been drawn before."""
        block = self._blocks.get(name)
        if not block or not block.left or time.monotonic() >= block.until:
            return False
        block.left -= 1
        return True

    async def _draw(self, limit: RateLimitItem, name: _Name) -> None:
        _, kind, identity = name
        size = max(1, min(limit.amount // _PER_BLOCK, _LARGEST_BLOCK))
        if size > 1 and await self._shared.hit(limit, kind, identity, cost=size):
            if len(self._blocks) >= _KEPT:
                self._blocks.clear()
            self._blocks[name] = _Block(size - 1, time.monotonic() + _BLOCK_S)
        elif not await self._shared.hit(limit, kind, identity):
            raise await _refusal(self._shared, limit, kind, identity)


async def _refusal(
    limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, kind: Kind, identity: str
) -> RateLimited:
    stats = await limiter.get_window_stats(limit, kind, identity)
    wait_s = max(1, math.ceil(stats.reset_time - time.time()))
    headers = {
        "Retry-After": str(wait_s),
        "RateLimit-Limit": str(limit.amount),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(wait_s),
        "RateLimit-Policy": f"{limit.amount};w={limit.get_expiry()}",
    }
    return RateLimited(f"More than {limit} ({kind}); try again in {wait_s} s.", headers=headers, scope=kind)
