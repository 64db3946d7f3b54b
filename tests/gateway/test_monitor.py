"""The watch over the system, against a real Redis and made-up instances."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.health import Health
from gateway.monitor import Monitor
from gateway.names import Names
from gateway.settings import GatewaySettings
from shared.redis import connect_redis
from shared.registry import Instance, Registry
from tests.support.instances import instance
from tests.support.processes import RedisServer, eventually

Answers = dict[str, Instance]


@asynccontextmanager
async def monitoring(url: str, answers: Answers, **settings: object) -> AsyncIterator[tuple[Monitor, Registry]]:
    """A running monitor; ``answers`` is what each host says to a probe, a host that is missing refuses."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host not in answers:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=answers[request.url.host].model_dump_json())

    chosen = GatewaySettings(redis_url=url, **{"service_url_template": "", **settings})  # type: ignore[arg-type]
    redis = connect_redis(chosen)
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
        monitor = Monitor(chosen, redis, client)
        await monitor.start()
        try:
            yield monitor, Registry(redis)
        finally:  # what a test that fails leaves behind would be held against the next one
            await monitor.stop()
            await redis.aclose()


def health(monitor: Monitor) -> Health:
    assert monitor.health is not None
    return monitor.health


async def test_an_announced_instance_counts(redis_server: RedisServer) -> None:
    answers: Answers = {"a": instance("a")}
    async with monitoring(redis_server.url, answers) as (monitor, registry):
        assert health(monitor).status == "unhealthy"
        assert health(monitor).models["xray"] is False
        assert health(monitor).services["chatbot"].reason == "no instance has announced itself"
        await registry.announce(answers["a"])
        await eventually(lambda: _ready(monitor, "xray"))
        assert health(monitor).status == "degraded"
        assert health(monitor).summary == "1/6 models available"


async def test_what_is_left_out_on_purpose_is_not_missed(redis_server: RedisServer) -> None:
    answers: Answers = {"a": instance("a"), "p": instance("p", service="palm", model="palm_disease")}
    async with monitoring(redis_server.url, answers, expected_services=("xray",)) as (monitor, registry):
        assert health(monitor).status == "unhealthy"
        await registry.announce(answers["a"])
        await eventually(lambda: _ready(monitor, "xray"))
        assert (health(monitor).status, health(monitor).summary) == ("healthy", "1/1 models available")
        await registry.announce(answers["p"])  # there all the same: it counts from now on
        await eventually(lambda: _ready(monitor, "palm"))
        assert health(monitor).models == {"xray": True, "palm_disease": True}


async def test_a_silent_instance_is_asked_and_dropped(redis_server: RedisServer) -> None:
    answers: Answers = {"a": instance("a")}
    async with monitoring(redis_server.url, answers) as (monitor, registry):
        await registry.announce(answers["a"])
        await eventually(lambda: _ready(monitor, "xray"))
        del answers["a"]
        await eventually(lambda: _not_ready(monitor, "xray"))


async def test_a_new_service_is_added_by_itself(redis_server: RedisServer) -> None:
    answers: Answers = {"r": instance("r", service="retina", model="retina")}
    async with monitoring(redis_server.url, answers) as (monitor, registry):
        await registry.announce(answers["r"])
        await eventually(lambda: _ready(monitor, "retina"))
        assert health(monitor).summary == "1/7 models available"


async def test_without_redis_instances_stay_and_addresses_are_tried(redis_server: RedisServer) -> None:
    answers: Answers = {"a": instance("a"), "t": instance("t", service="tumor", model="tumor")}
    addresses = {"tumor": ["http://t"], "xray": ["http://a"]}
    async with monitoring(redis_server.url, answers, service_addresses=addresses) as (monitor, registry):
        await registry.announce(answers["a"])
        await eventually(lambda: _ready(monitor, "xray"))
        assert not health(monitor).models["tumor"]
        redis_server.stop()
        await eventually(lambda: _ready(monitor, "tumor"))
        assert health(monitor).models["xray"]
        assert health(monitor).status == "degraded"
        assert health(monitor).dependencies.redis.status == "down"
        assert health(monitor).dependencies.redis.reason
        redis_server.start()
        await eventually(lambda: _redis_is(monitor, "up"))


async def test_a_name_without_underscores_can_be_looked_up(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def urls(self: Names, url: str) -> list[str]:
        return [url]

    monkeypatch.setattr(Names, "urls", urls)
    redis_server.stop()
    found = instance("l", service="lung_colon", model="lung_colon")
    answers: Answers = {"lung-colon": found, "l": found}
    async with monitoring(redis_server.url, answers, service_url_template="http://{host}:8080") as (monitor, _):
        await eventually(lambda: _ready(monitor, "lung_colon"))


async def test_every_gateway_tells_the_same(redis_server: RedisServer) -> None:
    answers: Answers = {"a": instance("a")}
    async with (
        monitoring(redis_server.url, answers) as (first, registry),
        monitoring(redis_server.url, {}) as (second, _),
    ):
        await registry.announce(answers["a"])
        await eventually(lambda: _ready(first, "xray"))
        await eventually(lambda: _ready(second, "xray"))
        assert health(second).uptime <= health(first).uptime

        async def same() -> bool:
            return health(first).timestamp == health(second).timestamp

        await eventually(same)


async def test_another_gateway_takes_over(redis_server: RedisServer) -> None:
    async with monitoring(redis_server.url, {}) as (second, _):
        async with monitoring(redis_server.url, {}) as (_, _):
            await asyncio.sleep(0)
        before = health(second).timestamp

        async def newer() -> bool:
            return health(second).timestamp > before

        await eventually(newer)


async def test_a_redis_that_may_evict_accounts_is_told(redis_server: RedisServer) -> None:
    async with monitoring(redis_server.url, {}) as (monitor, _):
        redis = connect_redis(GatewaySettings(redis_url=redis_server.url))
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        await redis.aclose()
        await eventually(lambda: _redis_is(monitor, "degraded"))
        assert "allkeys-lru" in str(health(monitor).dependencies.redis.reason)


async def test_a_full_redis_counts_as_down(redis_server: RedisServer) -> None:
    answers: Answers = {"a": instance("a")}
    async with monitoring(redis_server.url, answers, service_addresses={"xray": ["http://a"]}) as (monitor, _):
        redis = connect_redis(GatewaySettings(redis_url=redis_server.url))
        await redis.config_set("maxmemory-policy", "noeviction")
        await redis.config_set("maxmemory", 1)
        await eventually(lambda: _redis_is(monitor, "down"))
        await eventually(lambda: _ready(monitor, "xray"))
        await redis.config_set("maxmemory", 0)
        await redis.aclose()
        await eventually(lambda: _redis_is(monitor, "up"))


async def _ready(monitor: Monitor, service: str) -> bool:
    found = health(monitor).services.get(service)
    return found is not None and found.ready


async def _not_ready(monitor: Monitor, service: str) -> bool:
    return not await _ready(monitor, service)


async def _redis_is(monitor: Monitor, status: str) -> bool:
    return health(monitor).dependencies.redis.status == status
