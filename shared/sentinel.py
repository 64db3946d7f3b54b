"""A client that asks Redis Sentinel which server is the primary, and again whenever it has to connect anew."""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from shared.settings import CommonSettings

__all__ = ["primary_client"]

_TIMEOUT_S = 0.2
"""Of a Sentinel: they are asked one after the other, and the one that answered is the first the next time."""


class _PrimaryPool(SentinelConnectionPool, BlockingConnectionPool):
    """A command waits for a connection when all are in use; none that leads to a former primary is used again."""

    async def release(self, connection: AbstractConnection) -> None:
        if (getattr(connection, "host", None), getattr(connection, "port", None)) != self.master_address:
            connection.mark_for_reconnect()  # type: ignore[no-untyped-call]
        await super().release(connection)

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()


def primary_client(settings: CommonSettings, **options: Any) -> Redis:
    """A lazy client of whichever server is the primary. ``options``: of its connections, and of their pool.

    Of REDIS_URL only the user, the password and the number of the database count.
    """
    given = {name: value for name, value in parse_url(settings.redis_url).items() if name not in ("host", "port")}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        settings.redis_sentinels,
        sentinel_kwargs={
            "username": settings.redis_sentinel_username,
            "password": settings.redis_sentinel_password and settings.redis_sentinel_password.get_secret_value(),
            "socket_timeout": _TIMEOUT_S,
            "socket_connect_timeout": _TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
        },
    )
    pool = _PrimaryPool(settings.redis_sentinel_master, sentinel, **{**options, **given})  # type: ignore[no-untyped-call]
    return Redis.from_pool(pool)
