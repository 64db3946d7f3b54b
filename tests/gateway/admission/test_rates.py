"""Limits on how often: exact, shared, and there without Redis, too."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from limits import parse

from gateway.admission.rates import RateLimits
from shared.errors import RateLimited
from shared.redis import RedisGuard, connect_redis
from shared.settings import CommonSettings
from tests.support.processes import RedisServer


@pytest_asyncio.fixture
async def pair(redis_server: RedisServer) -> AsyncIterator[list[RateLimits]]:
    """Those of two gateways that know nothing of each other."""
    clients = [connect_redis(CommonSettings(redis_url=redis_server.url)) for _ in range(2)]
    yield [RateLimits(client, RedisGuard()) for client in clients]
    for client in clients:
        await client.aclose()


async def passed(rates: list[RateLimits], limit: str, tries: int) -> int:
    """How many of ``tries`` get through, the gateways taking turns."""
    count = 0
    for at in range(tries):
        try:
            await rates[at % len(rates)].hit(parse(limit), "user", "somebody")
        except RateLimited:
            continue
        count += 1
    return count


@pytest.mark.parametrize("amount", [1, 5, 99, 100, 250, 1000])
async def test_no_more_than_the_limit_gets_through(pair: list[RateLimits], amount: int) -> None:
    """Also where it is drawn in blocks."""
    through = await passed(pair, f"{amount}/hour", amount * 2 + 10)
    # a block that one gateway has drawn is its own for a second
    assert amount - max(1, amount // 100) <= through <= amount


async def test_a_refusal_says_when_to_come_again(pair: list[RateLimits]) -> None:
    rates, _ = pair
    await rates.hit(parse("1/minute"), "user", "a")
    with pytest.raises(RateLimited) as refused:
        await rates.hit(parse("1/minute"), "user", "a")
    headers = refused.value.headers
    assert 1 <= int(headers["Retry-After"]) <= 120
    assert headers["RateLimit-Limit"] == "1"
    assert headers["RateLimit-Remaining"] == "0"
    assert headers["RateLimit-Policy"] == "1;w=60"
    await rates.hit(parse("1/minute"), "user", "b")
    await rates.hit(parse("1/minute"), "address", "a")


async def test_without_redis_each_gateway_counts_for_itself(pair: list[RateLimits], redis_server: RedisServer) -> None:
    redis_server.stop()
    assert await passed(pair, "20/hour", 100) == 40
    with pytest.raises(RateLimited) as refused:
        await pair[0].hit(parse("20/hour"), "user", "somebody")
    assert refused.value.headers["Retry-After"]
