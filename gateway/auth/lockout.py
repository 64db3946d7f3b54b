"""Slows down whoever guesses passwords: after some failures, a pause that doubles with each further one.

``doctorai:failures:<digest>``  how many, until they are forgotten; the digest is of the user name, with the address
"""

from __future__ import annotations

from collections.abc import Callable

from redis.asyncio import Redis

from gateway.auth.store import fold, verifying
from shared.errors import RateLimited
from shared.redis import PREFIX

_FREE = 5
"""Failures of one address for one name that cost no pause."""
_FREE_FROM_ALL = 50
"""The same of all addresses together: a guesser with many must be slowed, the owner not be kept out for long."""
_LONGEST_S, _LONGEST_FROM_ALL_S = 900, 30
_FORGOTTEN_S = 3600


class Lockout:
    """Counts in Redis, so that all gateways count together. Raises SignInUnavailable when it cannot."""

    def __init__(self, redis: Redis, digest: Callable[..., str]) -> None:
        self._redis = redis
        self._digest = digest

    async def check(self, username: str, address: str) -> None:
        """Raises RateLimited while a pause lasts: for names that exist and for those that do not alike."""
        with verifying():
            pauses = [await self._redis.pttl(f"{key}:pause") for key, _ in self._keys(username, address)]
        longest_ms = max(pauses)
        if longest_ms > 0:
            seconds = -(-longest_ms // 1000)
            detail = f"Too many failed sign-ins; try again in {seconds} s."
            raise RateLimited(detail, headers={"Retry-After": str(seconds)}, scope="lockout")

    async def failed(self, username: str, address: str) -> None:
        """Counts a failure."""
        for key, free in self._keys(username, address):
            with verifying():
                count = int(await self._redis.incr(key))
                await self._redis.expire(key, _FORGOTTEN_S)
                if count >= free:
                    longest = _LONGEST_S if free == _FREE else _LONGEST_FROM_ALL_S
                    await self._redis.set(f"{key}:pause", 1, ex=min(2 ** (count - free), longest))

    async def succeeded(self, username: str, address: str) -> None:
        """Forgets the failures of this address."""
        key, _ = self._keys(username, address)[0]
        with verifying():
            await self._redis.delete(key, f"{key}:pause")

    def _keys(self, username: str, address: str) -> list[tuple[str, int]]:
        name = fold(username)
        return [
            (f"{PREFIX}:failures:{self._digest('lockout', name, address)}", _FREE),
            (f"{PREFIX}:failures:{self._digest('lockout', name)}", _FREE_FROM_ALL),
        ]
