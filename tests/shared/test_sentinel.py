"""The client that follows the primary: real servers, real Sentinels, a primary that dies, hangs or steps down."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from shared.redis import REDIS_ERRORS, RedisGuard, connect_redis
from tests.support.processes import eventually
from tests.support.sentinels import SENTINEL_PASSWORD, Trio, running_trio

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WITHIN_S = 15.0


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with running_trio(tmp_path) as found:
        yield found


@pytest_asyncio.fixture
async def redis(trio: Trio) -> AsyncIterator[Redis]:
    async with connect_redis(trio.settings()) as client:
        yield client


async def writes(redis: Redis) -> bool:
    try:
        return bool(await redis.set("here", "yes"))
    except REDIS_ERRORS:
        return False


async def test_a_crowd_waits_for_a_connection(trio: Trio) -> None:
    async with connect_redis(trio.settings(redis_max_connections=2)) as redis:
        assert sorted(await asyncio.gather(*(redis.incr("count") for _ in range(50)))) == list(range(1, 51))
    with trio.ask(trio.primary) as client:
        assert client.get("count") == "50"


async def test_what_the_url_says_besides_the_host_holds(trio: Trio) -> None:
    async with connect_redis(trio.settings(redis_url="redis://nobody-here.invalid/3")) as redis:
        await redis.set("where", "three")
    with trio.ask(trio.primary) as client:
        client.select(3)
        assert client.get("where") == "three"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_after_the_primary_another_is_written_to(trio: Trio, redis: Redis, how: signal.Signals) -> None:
    await asyncio.gather(*(redis.incr("count") for _ in range(20)))
    assert await redis.execute_command("WAIT", 1, 1000) >= 1
    former = trio.primary
    trio.signal(former, how)
    took_s = await eventually(lambda: writes(redis), WITHIN_S)
    print(f"{how.name}: written again after {took_s:.1f} s")
    await eventually(lambda: moved(trio, former), WITHIN_S)  # one Sentinel is told by the others
    assert await redis.get("count") == "20"
    trio.signal(former, signal.SIGCONT)


async def test_no_connection_to_a_former_primary_is_used_again(trio: Trio, redis: Redis) -> None:
    """One that steps down by order: nothing breaks, so that only the pool can know."""
    await asyncio.gather(*(redis.incr("count") for _ in range(20)))
    former = trio.primary
    async with Redis(port=next(iter(trio.sentinels)), password=SENTINEL_PASSWORD) as sentinel:
        await sentinel.execute_command("SENTINEL", "FAILOVER", "doctorai")
    await eventually(lambda: stepped_down(trio, former), WITHIN_S)
    await eventually(lambda: writes(redis), WITHIN_S)
    assert sorted(await asyncio.gather(*(redis.incr("count") for _ in range(20)))) == list(range(21, 41))
    pool = redis.connection_pool
    connected = {(one.host, one.port) for one in pool._available_connections if one.is_connected}
    assert connected == {("127.0.0.1", trio.primary)}


async def moved(trio: Trio, former: int) -> bool:
    return trio.primary != former


async def stepped_down(trio: Trio, former: int) -> bool:
    with trio.ask(former) as client:
        return bool(client.info("replication")["role"] == "slave")


async def test_one_sentinel_is_enough_to_be_told(trio: Trio) -> None:
    first, second, _ = trio.sentinels
    trio.kill(first)
    trio.signal(second, signal.SIGSTOP)
    async with connect_redis(trio.settings()) as redis:
        assert await writes(redis)
    trio.signal(second, signal.SIGCONT)


async def test_without_sentinels_nobody_waits_long(trio: Trio) -> None:
    for port in trio.sentinels:
        trio.signal(port, signal.SIGSTOP)
    guard = RedisGuard()
    async with connect_redis(trio.settings()) as redis:
        started = time.monotonic()
        with pytest.raises(REDIS_ERRORS):
            await guard.run(redis.ping)
        assert time.monotonic() - started < 0.3
        with pytest.raises(REDIS_ERRORS):
            await redis.ping()
        assert time.monotonic() - started < 2.0
    for port in trio.sentinels:
        trio.signal(port, signal.SIGCONT)


async def test_the_sentinels_want_a_password(trio: Trio) -> None:
    async with connect_redis(trio.settings(redis_sentinel_password="wrong")) as redis:
        with pytest.raises(REDIS_ERRORS):
            await redis.ping()


async def test_all_is_closed(trio: Trio) -> None:
    redis = connect_redis(trio.settings())
    await redis.ping()
    asked = next(iter(trio.sentinels))
    before = await count_clients(asked)
    await redis.aclose()
    await eventually(lambda: fewer(asked, before), 5)


async def count_clients(sentinel: int) -> int:
    async with Redis(port=sentinel, password=SENTINEL_PASSWORD) as client:
        return len(await client.client_list())


async def fewer(sentinel: int, before: int) -> bool:
    return await count_clients(sentinel) == before - 1
