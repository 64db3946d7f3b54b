"""The system as a gateway sees it: each known model has its series from the start, and keeps it."""

from __future__ import annotations

from pathlib import Path

import httpx

from gateway.health import RedisHealth
from gateway.routing.fleet import Member
from gateway.settings import SERVICES, GatewaySettings
from tests.gateway.faked import Faked, faked, problem
from tests.support.accounts import NO_REDIS, gateway
from tests.support.instances import instance
from tests.support.processes import RedisServer, eventually
from tests.support.requests import metric


async def instances(fake: Faked, model: str = "xray") -> list[float]:
    """Ready, not ready."""
    states = ("ready", "not_ready")
    return [await fake.value(f'model_instances{{model="{model}",state="{state}"}}') for state in states]


async def circuits(fake: Faked) -> list[float]:
    """Closed, open, half open."""
    states = ("closed", "open", "half_open")
    return [await fake.value(f'upstream_circuits{{service="xray",state="{state}"}}') for state in states]


async def test_each_known_model_is_there_from_the_start(tmp_path: Path) -> None:
    async with gateway(NO_REDIS, tmp_path) as api:
        text = (await api.get("/metrics")).text
        for service, model in SERVICES.items():
            assert f'model_availability{{model="{model}"}} 0.0' in text
            assert f'model_instances{{model="{model}",state="ready"}} 0.0' in text
            assert f'model_instances{{model="{model}",state="not_ready"}} 0.0' in text
            assert f'model_requests_waiting{{model="{model}"}} 0.0' in text
            assert f'upstream_circuits{{service="{service}",state="half_open"}} 0.0' in text
        assert "redis_available 0.0" in text
        assert "rate_limits_shared 0.0" in text
        assert "\nredis_latency_seconds " not in text


async def test_instances_come_and_go_the_series_stay(fake: Faked) -> None:
    fleet = fake.state.monitor.fleet
    fleet.add(instance("xray-2", ready=False))
    assert await instances(fake) == [1, 1]
    assert await fake.value('model_availability{model="xray"}') == 1
    first = member(fake, "xray-1")
    first.failing = "does not answer"
    assert await instances(fake) == [0, 2]
    assert await fake.value('model_availability{model="xray"}') == 0
    fleet.hear([])
    first.instance = first.instance.model_copy(update={"reason": "stopping"})
    fleet.forget_gone()
    assert 'model_availability{model="xray"} 0.0' in await fake.text()
    assert 'model_instances{model="xray",state="ready"} 0.0' in await fake.text()


async def test_a_model_that_announces_itself_is_added(redis_server: RedisServer, fake: Faked) -> None:
    fake.state.monitor._known["heart"] = "heart"
    assert await fake.value('model_availability{model="heart"}') == 0
    fake.state.monitor.fleet.add(instance("heart-1", service="heart", model="heart"))
    assert await fake.value('model_availability{model="heart"}') == 1


async def test_the_states_of_circuits(fake: Faked) -> None:
    fake.state.monitor.fleet.add(instance("xray-2"))
    assert await circuits(fake) == [2, 0, 0]
    circuit = member(fake, "xray-1").circuit
    for _ in range(5):
        circuit.failed()
    assert await circuits(fake) == [1, 1, 0]
    circuit._opened -= 60
    assert await circuits(fake) == [1, 0, 1]
    circuit.succeeded()
    assert await circuits(fake) == [2, 0, 0]


async def test_a_retry_is_counted(fake: Faked) -> None:
    assert 'upstream_retries_total{service="xray"} 0.0' in await fake.text()
    fake.state.monitor.fleet.add(instance("xray-2"))
    fake.answers["/predict"] = problem(500, "SURPRISE")
    await fake.predict()
    assert await fake.value('upstream_retries_total{service="xray"}') == 1


async def test_a_hedge_is_counted(alone: GatewaySettings) -> None:
    async with faked(alone.model_copy(update={"hedge_after_ms": 1})) as fake:
        fake.state.monitor.fleet.add(instance("xray-2"))
        fake.silent.add("xray-1")
        member(fake, "xray-2").in_flight = 1  # so that the silent one is asked first
        assert (await fake.predict()).status_code == 200
        assert await fake.value('upstream_hedges_total{service="xray"}') == 1
        assert await fake.value('upstream_retries_total{service="xray"}') == 0


async def test_redis_goes_and_comes_back(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path) as api:
        assert await metric(api, "", "redis_available") == 1
        assert await metric(api, "", "redis_latency_seconds") > 0
        assert await metric(api, "", "rate_limits_shared") == 1
        redis_server.stop()
        await eventually(lambda: holds(api, "redis_available", 0), 10)
        assert "\nredis_latency_seconds " not in (await api.get("/metrics")).text
        assert await metric(api, "", "rate_limits_shared") == 0
        redis_server.start()
        await eventually(lambda: holds(api, "redis_available", 1), 10)
        assert await metric(api, "", "rate_limits_shared") == 1


async def test_a_redis_with_the_wrong_policy_answers_all_the_same(fake: Faked) -> None:
    fake.state.monitor.redis = RedisHealth(status="degraded", latency_ms=1.0, reason="maxmemory-policy")
    assert await fake.value("redis_available") == 1


async def holds(api: httpx.AsyncClient, line: str, value: float) -> bool:
    return await metric(api, "", line) == value


def member(fake: Faked, identifier: str) -> Member:
    return next(found for found in fake.state.monitor.fleet.members if found.instance.id == identifier)
