"""Under load Redis is stopped, frozen, full, emptied: predictions go on, and all is as before once it is back."""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from gateway.auth.authenticator import BELIEVED_S
from tests.faults.toys import add_toy, another_gateway, both_ready, client_of
from tests.support.load import instances_of, median_s, predicting, under_load
from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.system import ADMIN_PASSWORD, System, running_system
from tests.support.toy import write_toy_bundle

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WITHIN_S = 5.0
LIMIT = 5


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Its Redis is this module's alone."""
    folder: Path = tmp_path_factory.mktemp("redis-loss")
    write_toy_bundle(folder / "models")
    with running_system(folder, {"toy": "tests.support.toy_service"}, folder / "models") as found:
        add_toy(found)
        yield found


@pytest_asyncio.fixture
async def api(system: System) -> AsyncIterator[httpx.AsyncClient]:
    await both_ready(system)
    async with system.client() as client:
        yield client


async def health(api: httpx.AsyncClient) -> tuple[str, str]:
    """The system's status, and Redis's."""
    body = (await api.get("/api/health")).json()
    return body["status"], body["dependencies"]["redis"]["status"]


async def until_redis(api: httpx.AsyncClient, *statuses: str) -> float:
    async def as_wanted() -> bool:
        return (await health(api))[1] in statuses

    return await eventually(as_wanted, WITHIN_S)


async def sign_in(api: httpx.AsyncClient) -> httpx.Response:
    return await api.post("/api/token", data={"username": "admin", "password": ADMIN_PASSWORD})


async def is_cached(api: httpx.AsyncClient) -> bool:
    """Whether the cache answers: the same picture twice, the second one kept nowhere but in Redis."""
    answers = [await api.post("/api/predict/toy", files={"file": ("a.png", png((200, 10, 10)))}) for _ in range(2)]
    return bool(answers[1].json()["cached"])


async def test_ten_seconds_without_redis(system: System, api: httpx.AsyncClient) -> None:
    async with another_gateway(system, RATE_LIMIT_USER=f"{LIMIT}/hour") as limited:
        strict = client_of(system, limited)
        async with strict, under_load(predicting(api)) as load:
            await load.until_used(2)
            statuses = [(await strict.get("/api/me")).status_code for _ in range(LIMIT)]
            system.redis.stop()
            await until_redis(api, "down")
            without = await load.lasting(10)
            status, refused = (await health(api))[0], await sign_in(api)
            system.redis.start()
            recovered_s = await until_as_before(api, strict)
    print(f"{len(load.samples)} requests, {len(without)} of them without Redis; recovered in {recovered_s:.1f} s")
    assert load.failures == []
    assert len(instances_of(without)) == 2
    assert statuses == [200] * LIMIT
    assert status == "degraded"
    assert recovered_s < WITHIN_S
    assert (refused.status_code, refused.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE")
    assert "Redis" in refused.json()["detail"]


async def until_as_before(api: httpx.AsyncClient, strict: httpx.AsyncClient) -> float:
    """The seconds until the cache answers again, and what was counted before counts again."""
    started = time.monotonic()
    await until_redis(api, "up")
    await eventually(lambda: is_cached(api), WITHIN_S)
    await eventually(lambda: is_limited(strict), WITHIN_S)
    return time.monotonic() - started


async def is_limited(api: httpx.AsyncClient) -> bool:
    return (await api.get("/api/me")).status_code == 429


async def test_a_redis_that_hangs_costs_a_moment_a_second_not_a_wait_a_request(
    system: System, api: httpx.AsyncClient
) -> None:
    async with under_load(predicting(api)) as load:
        await load.until_used(2)
        system.redis.signal(signal.SIGSTOP)
        try:
            hung = await load.lasting(5)
            await until_redis(api, "down")
        finally:
            system.redis.signal(signal.SIGCONT)
        await until_redis(api, "up")
        await eventually(lambda: is_cached(api), WITHIN_S)
    before = load.samples[:50]
    print(f"median {median_s(before) * 1000:.0f} ms before, {median_s(hung) * 1000:.0f} ms with a hung Redis")
    assert load.failures == []
    assert median_s(hung) < 0.25


async def test_a_full_redis(system: System, api: httpx.AsyncClient) -> None:
    async with Redis.from_url(system.redis.url, decode_responses=True) as redis:
        before = await redis.config_get("maxmemory*")
        await redis.config_set("maxmemory-policy", "noeviction")
        await redis.config_set("maxmemory", "1")
        async with under_load(predicting(api), clients=4) as load:
            await until_redis(api, "down", "degraded")
            await load.more(100)
            assert (await health(api))[0] == "degraded"
            answer = await sign_in(api)
            for name, value in before.items():
                await redis.config_set(name, value)
            await until_redis(api, "up")
        assert load.failures == []
        assert answer.status_code in (200, 503)
        if answer.status_code == 503:
            assert answer.json()["code"] == "SIGN_IN_UNAVAILABLE"
        await both_ready(system)
        assert (await sign_in(api)).status_code == 200


async def test_an_emptied_redis_ends_every_key_and_session(system: System, api: httpx.AsyncClient) -> None:
    """Whoever empties it has removed the accounts: that must not let anybody in, and must not break anything."""
    token = (await sign_in(api)).json()["access_token"]
    statuses: set[int] = set()

    async def ended(headers: dict[str, str]) -> bool:
        status = (await api.get("/api/me", headers=headers)).status_code
        statuses.add(status)
        return status == 401

    async with Redis.from_url(system.redis.url) as redis:
        await redis.flushall()
    key, session = {"Authorization": f"Bearer {system.key}"}, {"Authorization": f"Bearer {token}"}
    await eventually(lambda: ended(key), BELIEVED_S + 1)
    await eventually(lambda: ended(session), BELIEVED_S + 1)
    assert statuses <= {200, 401}
    assert (await sign_in(api)).status_code == 401
    await both_ready(system)
