"""The Redis client: short timeouts, so that a Redis that is gone or slow never holds a request up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeout

from shared.sentinel import primary_client
from shared.settings import CommonSettings

__all__ = ["PREFIX", "REDIS_ERRORS", "RedisGuard", "connect_redis", "heed_cancellation", "redis_reason"]

T = TypeVar("T")

PREFIX = "doctorai"
REDIS_ERRORS = (RedisError, OSError, TimeoutError)
"""What a call to a Redis that is down, slow or full may raise."""
_TIMEOUT_S = 0.5
_IMPATIENT_S = 0.1
_REST_S = 1.0
_OF_A_PIPELINE = " of pipeline caused error: "
_AT_ONCE = 8
"""Commands of the guard in flight; a crowd of them would wait for each other, and it would look like a slow Redis."""


def connect_redis(settings: CommonSettings) -> Redis:
    """A lazy client: nothing is connected until the first command. Answers are ``str``.

    When all connections are in use a command waits for one: many callers at once are no fault of Redis.
    """
    options: dict[str, Any] = {
        "decode_responses": True,
        "encoding_errors": "replace",  # bytes that are not text must not raise what no caller expects
        "max_connections": settings.redis_max_connections,
        "timeout": _TIMEOUT_S,
        "socket_timeout": _TIMEOUT_S,
        "socket_connect_timeout": _TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
    if settings.redis_username:
        options["username"] = settings.redis_username
    if settings.redis_password:
        options["password"] = settings.redis_password.get_secret_value()
    if settings.redis_db is not None:
        options["db"] = settings.redis_db
    if settings.redis_sentinels:
        return primary_client(settings, **options)
    return Redis.from_pool(BlockingConnectionPool.from_url(settings.redis_url, **options))


def redis_reason(error: BaseException) -> str:
    """What Redis or the system says of itself, for the log: no command, no key and no value."""
    if isinstance(error, ResponseError):
        # redis-py puts the command with its arguments before what Redis said of it
        return str(error).rpartition(_OF_A_PIPELINE)[2]
    told = str(error) if isinstance(error, (NoConnection, RedisTimeout, OSError)) else ""
    return told or type(error).__name__


def heed_cancellation() -> None:
    """Call after a command: redis-py 8.1 swallows a cancellation that comes while it waits, and gives its answer.

    Raises CancelledError when the task was told to stop.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class RedisGuard:
    """For what a request can do without: a Redis that is away is waited for once a second, not once a request."""

    def __init__(self) -> None:
        self._rests_until = 0.0
        self._answered = 0.0
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def resting(self) -> bool:
        """True while Redis is not even asked."""
        return time.monotonic() < self._rests_until

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Raises one of REDIS_ERRORS: at once while Redis rests, else when it fails or takes more than 100 ms."""
        self._check()
        async with self._turns:
            self._check()
            started = time.monotonic()
            try:
                async with asyncio.timeout(_IMPATIENT_S):
                    found = await work()
            except REDIS_ERRORS as error:
                self._note(error, started)
                raise
            self._answered = time.monotonic()
        heed_cancellation()
        return found

    def _note(self, error: Exception, started: float) -> None:
        """A wait that was too long while Redis answered others is this process's own: it has much to do."""
        if not isinstance(error, TimeoutError) or self._answered < started:
            self._rests_until = time.monotonic() + _REST_S

    def _check(self) -> None:
        if self.resting:
            raise TimeoutError("Redis did not answer a moment ago")
