"""How much one caller may, how often, counted by all gateways together; and what a full gateway says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.admission.rates import RateLimits
from gateway.settings import GatewaySettings, rate
from shared.errors import RateLimited
from shared.redis import RedisGuard, connect_redis
from tests.faults.toys import another_gateway, client_of, redis_returns
from tests.support.load import fresh_picture
from tests.support.pictures import png
from tests.support.processes import RedisServer
from tests.support.system import System

pytestmark = pytest.mark.integration
LIMIT = 30
PER_USER = f"{LIMIT}/hour"
STRAY = 3
"""On a busy machine a question to Redis may take too long; its gateway counts that request alone."""
SLOW_PICTURE = png(size=(6000, 6000))


async def ask_often(clients: Sequence[httpx.AsyncClient], times: int) -> list[httpx.Response]:
    """``times`` requests through each client, four at a time."""

    async def some(client: httpx.AsyncClient, count: int) -> list[httpx.Response]:
        return [await client.get("/api/me") for _ in range(count)]

    answers = await asyncio.gather(*(some(client, len(range(at, times, 4))) for client in clients for at in range(4)))
    return [answer for part in answers for answer in part]


async def work_hard(client: httpx.AsyncClient) -> httpx.Response:
    """A prediction that takes some tenths of a second."""
    headers = {"Cache-Control": "no-cache"}
    return await client.post("/api/predict/toy", files={"file": ("a", SLOW_PICTURE)}, headers=headers)


def passed(answers: Sequence[httpx.Response]) -> int:
    assert {answer.status_code for answer in answers} <= {200, 429}
    return sum(answer.status_code == 200 for answer in answers)


@asynccontextmanager
async def two_gateways(toys: System, key: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of each; both let one caller in ``LIMIT`` times an hour."""
    limit = {"RATE_LIMIT_USER": PER_USER}
    async with another_gateway(toys, **limit) as one, another_gateway(toys, **limit) as other:
        clients = [client_of(toys, gateway, key) for gateway in (one, other)]
        yield clients
        for client in clients:
            await client.aclose()


async def test_two_gateways_count_together(toys: System) -> None:
    key = toys.make_key(name="together")
    async with two_gateways(toys, key) as gateways:
        answers = await ask_often(gateways, 2 * LIMIT)
        later = await ask_often(gateways, 2)
    assert LIMIT <= passed([*answers, *later]) <= LIMIT + STRAY
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert refused.headers["RateLimit-Limit"] == str(LIMIT)
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 1 <= int(refused.headers["RateLimit-Reset"]) <= 3600
    assert refused.headers["RateLimit-Policy"] == f"{LIMIT};w=3600"


async def test_a_crowd_is_not_taken_for_a_slow_redis(redis_server: RedisServer) -> None:
    """More at once than there are connections: they wait for each other, and are counted together all the same."""
    settings = GatewaySettings(redis_url=redis_server.url, redis_max_connections=10)
    async with connect_redis(settings) as redis:
        rates = RateLimits(redis, RedisGuard())

        async def is_let_in() -> bool:
            try:
                await rates.hit(rate(PER_USER), "user", "a crowd")
            except RateLimited:
                return False
            return True

        let_in = await asyncio.gather(*(is_let_in() for _ in range(200)))
    assert LIMIT <= sum(let_in) < 1.5 * LIMIT


async def test_without_redis_each_gateway_lets_through_no_more_than_the_limit(toys: System) -> None:
    key = toys.make_key(name="apart")
    async with two_gateways(toys, key) as gateways:
        before = passed(await ask_often(gateways, 10))
        toys.redis.stop()
        try:
            without = passed(await ask_often(gateways, 2 * LIMIT))
        finally:
            await redis_returns(toys)
    assert before == 20
    assert without <= 2 * LIMIT


async def test_an_address_is_limited_whoever_asks(toys: System) -> None:
    keys = [toys.make_key(name=f"one of {LIMIT + 10}") for _ in range(3)]
    async with another_gateway(toys, RATE_LIMIT_IP=PER_USER) as gateway:
        clients = [client_of(toys, gateway, key) for key in (*keys, "nobody's")]
        answers = [await client.get("/api/me") for client in clients for _ in range(LIMIT // 2)]
        assert [answer.status_code for answer in answers].count(200) == LIMIT
        assert answers[-1].status_code == 429, "guessing keys is limited as well"
        assert (await clients[0].get("/api/health")).status_code == 200
        for client in clients:
            await client.aclose()


async def test_sign_ins_of_one_address_are_limited(toys: System) -> None:
    async with another_gateway(toys, RATE_LIMIT_SIGN_IN="4/hour") as gateway, client_of(toys, gateway) as client:
        forms = [{"username": f"nobody-{at}", "password": "wrong"} for at in range(6)]
        answers = [await client.post("/api/token", data=form) for form in forms]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert "Retry-After" in answers[-1].headers


async def test_a_full_gateway_refuses_at_once_and_says_so(toys: System) -> None:
    async with (
        another_gateway(toys, MAX_CONCURRENT_REQUESTS="4") as gateway,
        client_of(toys, gateway) as client,
        client_of(toys, gateway, toys.make_key()) as other,
    ):
        asked = (timed(caller) for _ in range(6) for caller in (client, other))
        *work, healthy = await asyncio.gather(*asked, client.get("/api/health"))
    served = [took_s for answer, took_s in work if answer.status_code == 200]
    refused = {answer: took_s for answer, took_s in work if answer.status_code in (429, 503)}
    assert (len(served), len(refused)) == (4, 8)
    assert {answer.json()["code"] for answer in refused} <= {"OVERLOADED", "RATE_LIMITED"}, "of one caller, or of all"
    assert "OVERLOADED" in {answer.json()["code"] for answer in refused}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert max(refused.values()) < max(served)
    assert healthy.status_code == 200


async def timed(client: httpx.AsyncClient) -> tuple[httpx.Response, float]:
    started = time.monotonic()
    return await work_hard(client), time.monotonic() - started


async def test_one_model_full_leaves_room_for_the_others(toys: System) -> None:
    async with (
        another_gateway(toys, MAX_CONCURRENT_PER_MODEL="1", MAX_QUEUE_PER_MODEL="2", QUEUE_TIMEOUT_S="20") as gateway,
        client_of(toys, gateway) as client,
    ):
        busy = asyncio.gather(*(work_hard(client) for _ in range(8)))
        other = await client.post("/api/predict/xray", files={"file": ("a", fresh_picture())})
        answers = await busy
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [503] * 5
    full = next(answer for answer in answers if answer.status_code == 503)
    assert (full.json()["code"], full.headers["Retry-After"]) == ("OVERLOADED", "1")
    assert "toy" in full.json()["detail"]
    assert other.json()["code"] == "MODEL_UNAVAILABLE", "there is no xray here, but it is asked for"


async def test_who_waits_too_long_for_a_place_is_told(toys: System) -> None:
    limits = {"MAX_CONCURRENT_PER_MODEL": "1", "QUEUE_TIMEOUT_S": "0.05"}
    async with another_gateway(toys, **limits) as gateway, client_of(toys, gateway) as client:
        answers = await asyncio.gather(*(work_hard(client) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200, 503}
    assert {answer.json().get("code") for answer in answers} == {None, "OVERLOADED"}
