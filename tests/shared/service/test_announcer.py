"""The registry hears of every change of readiness, and of the end, at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shared.redis import REDIS_ERRORS, connect_redis
from shared.registry import Instance, Registry
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.support.apps import running, until_ready
from tests.support.processes import RedisServer, eventually
from tests.support.toy import TOY

pytestmark = pytest.mark.integration


@pytest.fixture
def announced(settings: ServiceSettings, redis_server: RedisServer) -> ServiceSettings:
    """Settings with a real Redis."""
    return settings.model_copy(update={"redis_url": redis_server.url})


@pytest.fixture
async def registry(announced: ServiceSettings) -> AsyncIterator[Registry]:
    redis = connect_redis(announced)
    yield Registry(redis)
    await redis.aclose()


async def until_listed(registry: Registry, reason: str | None) -> Instance:
    """Waits until the one instance is listed with ``reason`` in its reason, or as ready when that is None."""
    found: list[Instance] = []

    async def check() -> bool:
        found[:] = await registry.list()
        told = found[0].reason if found else ""
        return bool(found) and (told is None if reason is None else reason in (told or ""))

    await eventually(check, 20)
    return found[0]


async def test_the_registry_follows_readiness_with_the_reason(
    announced: ServiceSettings, registry: Registry, root: Path
) -> None:
    async with running(create_app(TOY, announced)) as client:
        instance = await until_listed(registry, None)
        assert (instance.id, instance.service, instance.model) == ("toy-1", "toy", "toy")
        assert (instance.address, instance.version, instance.ready) == ("http://toy", "1.0.0", True)
        assert instance.rss_bytes > 1_000_000
        weights = (root / "model.tflite").read_bytes()
        (root / "model.tflite").write_bytes(weights[:-1])
        assert not (await until_listed(registry, "model.tflite does not match its checksum")).ready
        (root / "model.tflite").write_bytes(weights)
        assert (await until_listed(registry, None)).ready
        await until_ready(client)
    assert await registry.list() == []


async def test_a_service_without_a_bundle_is_listed_with_the_reason(
    announced: ServiceSettings, registry: Registry
) -> None:
    async with running(create_app(TOY, announced)):
        instance = await until_listed(registry, "no bundle for toy")
        assert (instance.ready, instance.version) == (False, None)


async def test_a_redis_that_comes_back_hears_of_the_instance_again(
    announced: ServiceSettings, registry: Registry, redis_server: RedisServer, root: Path
) -> None:
    async with running(create_app(TOY, announced)) as client:
        await until_listed(registry, None)
        redis_server.stop()
        await answers_without_redis(client)
        redis_server.start()

        async def back() -> bool:
            try:
                return [instance.id for instance in await registry.list()] == ["toy-1"]
            except REDIS_ERRORS:  # a connection of before
                return False

        await eventually(back, 20)


async def answers_without_redis(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/ready")).status_code == 200
    assert (await client.get("/v2/health/ready")).json() == {"ready": True}
