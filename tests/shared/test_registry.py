"""The registry, on a real Redis: who is there, and what a Redis that is gone or slow does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from shared import registry as module
from shared.redis import PREFIX, REDIS_ERRORS, connect_redis
from shared.registry import Registry
from shared.settings import CommonSettings
from tests.support.instances import instance
from tests.support.processes import RedisServer, eventually

pytestmark = pytest.mark.integration
INDEX = f"{PREFIX}:instances"


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    client = connect_redis(CommonSettings(redis_url=redis_server.url))
    yield client
    await client.aclose()


@pytest.fixture
def registry(redis: Redis) -> Registry:
    return Registry(redis)


async def ids(registry: Registry) -> list[str]:
    return [found.id for found in await registry.list()]


async def test_an_empty_registry(registry: Registry) -> None:
    assert await registry.list() == []


async def test_what_is_announced_is_listed_whole_by_service_and_id(registry: Registry) -> None:
    announced = [
        instance("xray-2", ready=False, reason="loading", version=None),
        instance("xray-1", in_flight=3, rss_bytes=7),
        instance("palm-9", service="palm", model="palm_disease"),
    ]
    for one in announced:
        await registry.announce(one)
    assert await registry.list() == [announced[2], announced[1], announced[0]]


async def test_a_renewal_replaces(registry: Registry) -> None:
    await registry.announce(instance("xray-1", in_flight=1))
    await registry.announce(instance("xray-1", in_flight=2))
    assert [found.in_flight for found in await registry.list()] == [2]


async def test_an_instance_that_is_not_renewed_dies_and_is_forgotten(
    registry: Registry, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TTL_S", 0.05)
    await registry.announce(instance("xray-1"))
    monkeypatch.setattr(module, "TTL_S", 60.0)
    await registry.announce(instance("xray-2"))

    async def only_the_other() -> bool:
        return await ids(registry) == ["xray-2"]

    await eventually(only_the_other)
    assert await redis.smembers(INDEX) == {"xray-2"}


async def test_a_renewal_lengthens_the_life(registry: Registry, redis: Redis) -> None:
    await registry.announce(instance("xray-1"))
    key = f"{PREFIX}:instance:xray-1"
    await redis.pexpire(key, 500)
    await registry.announce(instance("xray-1"))
    assert 500 < await redis.pttl(key) <= module.TTL_S * 1000
    assert module.TTL_S >= 2 * module.HEARTBEAT_S


async def test_a_withdrawal_is_at_once_and_may_be_repeated(registry: Registry, redis: Redis) -> None:
    await registry.announce(instance("xray-1"))
    await registry.withdraw("xray-1")
    assert await registry.list() == []
    await registry.withdraw("xray-1")
    assert await redis.keys("*") == []


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b'{"id": "other"}', b"\xff\xfe\x00"])
async def test_an_entry_that_cannot_be_read_is_ignored(registry: Registry, redis: Redis, garbage: bytes) -> None:
    await registry.announce(instance("xray-1"))
    await redis.sadd(INDEX, "other", b"\xff\xfe")
    await redis.set(f"{PREFIX}:instance:other", garbage)
    assert await ids(registry) == ["xray-1"]


async def test_a_field_of_a_later_version_is_ignored(registry: Registry, redis: Redis) -> None:
    await registry.announce(instance("xray-1"))
    key = f"{PREFIX}:instance:xray-1"
    await redis.set(key, str(await redis.get(key)).replace("{", '{"gpu": "none", ', 1))
    assert await ids(registry) == ["xray-1"]


async def test_a_redis_that_is_gone_raises_what_callers_expect_and_comes_back(
    registry: Registry, redis_server: RedisServer
) -> None:
    await registry.announce(instance("xray-1"))
    redis_server.stop()
    started = time.monotonic()
    for call in (registry.list(), registry.announce(instance("xray-1")), registry.withdraw("xray-1")):
        with pytest.raises(REDIS_ERRORS):
            await call
    assert time.monotonic() - started < 10  # seconds; without the short timeouts it would be minutes
    redis_server.start()
    await registry.announce(instance("xray-2"))
    assert "xray-2" in await ids(registry)


async def test_the_password_is_sent_and_a_wrong_one_is_an_error_that_callers_expect(
    redis: Redis, redis_server: RedisServer
) -> None:
    await redis.config_set("requirepass", "right")
    for password, accepted in (("right", True), ("wrong", False), (None, False)):
        client = connect_redis(CommonSettings(redis_url=redis_server.url, redis_password=password))
        try:
            assert await Registry(client).list() == []
            assert accepted
        except REDIS_ERRORS:
            assert not accepted
        finally:
            await client.aclose()
