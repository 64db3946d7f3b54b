"""What is kept, what is asked together, and who works for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from gateway.cache import PredictionCache, SingleFlight
from shared.contract import Prediction
from shared.errors import InvalidImage
from shared.redis import RedisGuard, connect_redis
from shared.settings import CommonSettings
from tests.support.instances import prediction
from tests.support.processes import RedisServer, eventually


@pytest_asyncio.fixture
async def cache(redis_server: RedisServer) -> AsyncIterator[PredictionCache]:
    redis = connect_redis(CommonSettings(redis_url=redis_server.url))
    found = PredictionCache(redis, RedisGuard(), timedelta(seconds=60))
    await found.start()
    yield found
    await found.stop()
    await redis.aclose()


async def test_what_was_put_is_there_soon(cache: PredictionCache) -> None:
    assert await cache.get("a") is None
    put = {key: prediction(key) for key in "abc"}
    for key, value in put.items():
        cache.put(key, value)
    assert {key: await until(cache, key) for key in put} == put


async def test_what_is_still_being_written_is_there(cache: PredictionCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes when the work is done, and Redis has not been told yet, is not worked for again."""
    keep, told = cache._keep, asyncio.Event()

    async def slow(values: dict[str, str]) -> None:
        await told.wait()
        await keep(values)

    monkeypatch.setattr(cache, "_keep", slow)
    for key in ("a", "b"):
        cache.put(key, prediction(key))
        found = await cache.get(key)
        assert found
        assert found.model == key
        await asyncio.sleep(0)  # "a" is being written when "b" is put
    told.set()


async def test_many_questions_at_once_are_one_to_redis(cache: PredictionCache, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, ask = 0, cache._redis.mget

    async def counted(keys: list[str]) -> object:
        nonlocal calls
        calls += 1
        return await ask(keys)

    monkeypatch.setattr(cache._redis, "mget", counted)
    monkeypatch.setattr(cache._index, "_complete", False)
    assert await asyncio.gather(*(cache.get(f"k{at}") for at in range(100))) == [None] * 100
    assert calls == 1


async def test_redis_is_not_asked_for_what_nobody_wrote(
    cache: PredictionCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def complete() -> bool:
        return cache._index._complete

    async def refuse(keys: list[str]) -> object:
        raise AssertionError("Redis was asked")

    await eventually(complete)
    monkeypatch.setattr(cache._redis, "mget", refuse)
    assert await cache.get("new") is None


async def test_another_gateway_finds_it_within_a_second(cache: PredictionCache, redis_server: RedisServer) -> None:
    redis = connect_redis(CommonSettings(redis_url=redis_server.url))
    other = PredictionCache(redis, RedisGuard(), timedelta(seconds=60))
    await other.start()
    assert await other.get("a") is None
    cache.put("a", prediction())
    assert (await until(other, "a")).result == "normal"
    await other.stop()
    await redis.aclose()


async def test_a_caller_who_leaves_takes_nobody_along(cache: PredictionCache) -> None:
    tasks = [asyncio.create_task(cache.get("same")) for _ in range(10)]
    await asyncio.sleep(0)
    for task in tasks[:5]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[5:] == [None] * 5


async def test_rubbish_is_as_good_as_nothing(cache: PredictionCache, redis_server: RedisServer) -> None:
    cache._index._note("a")
    await cache._redis.set("doctorai:cache:a", "{not a prediction")
    assert await cache.get("a") is None
    redis_server.stop()
    assert await cache.get("a") is None
    cache.put("a", prediction())


class Work:
    """An inference that is counted, and takes until it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self.go = asyncio.Event()

    async def __call__(self) -> Prediction:
        self.calls += 1
        await self.go.wait()
        return prediction()


async def test_one_works_for_all() -> None:
    flights, work = SingleFlight(), Work()
    tasks = [asyncio.create_task(flights.join("a", work)) for _ in range(50)]
    await asyncio.sleep(0)
    work.go.set()
    answers = await asyncio.gather(*tasks)
    assert work.calls == 1
    assert [joined for _, joined in answers].count(False) == 1
    assert not flights._flights


async def test_when_the_one_who_works_leaves_another_begins_anew() -> None:
    flights, work = SingleFlight(), Work()
    tasks = [asyncio.create_task(flights.join("a", work)) for _ in range(10)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[5].cancel()
    await asyncio.gather(tasks[0], tasks[5], return_exceptions=True)
    assert tasks[0].cancelled()
    assert tasks[5].cancelled()
    work.go.set()
    others = [task for at, task in enumerate(tasks) if at not in (0, 5)]
    answers = await asyncio.gather(*others)
    assert work.calls == 2
    assert [joined for _, joined in answers].count(False) == 1


async def test_an_error_is_everybodys_and_the_next_tries_again() -> None:
    flights = SingleFlight()

    async def fail() -> Prediction:
        await asyncio.sleep(0)
        raise InvalidImage("x")

    async def work() -> Prediction:
        return prediction()

    answers = await asyncio.gather(*(flights.join("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [InvalidImage] * 3
    assert (await flights.join("a", work))[1] is False


async def until(cache: PredictionCache, key: str) -> Prediction:
    found: Prediction | None = None

    async def there() -> bool:
        nonlocal found
        found = await cache.get(key)
        return found is not None

    await eventually(there)
    assert found
    return found
