"""The Redis client: short timeouts, so that a Redis that is gone or slow never holds a request up."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.settings import CommonSettings

__all__ = ["PREFIX", "REDIS_ERRORS", "connect_redis", "heed_cancellation"]

PREFIX = "doctorai"
REDIS_ERRORS = (RedisError, OSError, TimeoutError)
"""What a call to a Redis that is down, slow or full may raise."""
_TIMEOUT_S = 0.5


def connect_redis(settings: CommonSettings) -> Redis:
    """A lazy client: nothing is connected until the first command. Answers are ``str``."""
    options: dict[str, Any] = {}
    if settings.redis_password:
        options["password"] = settings.redis_password.get_secret_value()
    if settings.redis_db is not None:
        options["db"] = settings.redis_db
    return Redis.from_url(
        settings.redis_url,
        decode_responses=True,
        encoding_errors="replace",  # bytes that are not text must not raise what no caller expects
        max_connections=settings.redis_max_connections,
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        **options,
    )


def heed_cancellation() -> None:
    """Call after a command: redis-py 8.1 swallows a cancellation that comes while it waits, and gives its answer.

    Raises CancelledError when the task was told to stop.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
