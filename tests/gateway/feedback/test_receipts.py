"""Who got what: found by them, by nobody else, for as long as it is meant; and never at a prediction's expense."""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from gateway.auth.keyring import Keyring
from gateway.feedback import receipts as module
from gateway.feedback.receipt import receipt_of
from gateway.feedback.receipts import Receipts
from gateway.metrics import GatewayMetrics
from shared.contract import Prediction
from shared.errors import FeedbackUnavailable
from shared.redis import RedisGuard, connect_redis
from shared.settings import CommonSettings
from tests.support.instances import prediction
from tests.support.processes import RedisServer

FIRST, SECOND = "first secret of this test " * 2, "second secret of this test " * 2
DAY = timedelta(days=1)


def got(request: str) -> Prediction:
    return prediction().model_copy(update={"request_id": request})


@pytest_asyncio.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    made = connect_redis(CommonSettings(redis_url=redis_server.url))
    yield made
    await made.aclose()


@pytest.fixture
def metrics() -> GatewayMetrics:
    return GatewayMetrics({})


def make(redis: Redis, metrics: GatewayMetrics, keyring: Keyring | None = None, ttl: timedelta = DAY) -> Receipts:
    return Receipts(redis, RedisGuard(), keyring or Keyring(FIRST), ttl, metrics)


@pytest.fixture
def receipts(redis: Redis, metrics: GatewayMetrics) -> Receipts:
    return make(redis, metrics)


def dropped(metrics: GatewayMetrics, reason: str) -> float:
    return metrics.registry.get_sample_value("feedback_receipts_dropped_total", {"reason": reason}) or 0.0


async def test_who_got_it_finds_it_and_nobody_else(receipts: Receipts, redis: Redis, metrics: GatewayMetrics) -> None:
    receipts.keep("u-1", got("request-1"))
    await receipts.stop()
    other_gateway = make(redis, metrics)
    found = await other_gateway.find("u-1", "request-1")
    assert found
    assert (found.caller, found.request_id, found.labels) == ("u-1", "request-1", ("normal", "pneumonia"))
    for caller, request in (("u-2", "request-1"), ("u-1", "request-2"), ("", "u-1request-1"), ("u-1request-1", "")):
        assert await other_gateway.find(caller, request) is None


async def test_it_is_found_while_it_is_on_its_way(receipts: Receipts) -> None:
    receipts.keep("u-1", got("request-1"))
    assert await receipts.find("u-1", "request-1")
    assert await receipts.find("u-2", "request-1") is None


async def test_what_another_gets_under_the_same_id_changes_nothing(receipts: Receipts) -> None:
    receipts.keep("u-1", got("request-1"))
    receipts.keep("u-2", got("request-1").model_copy(update={"result": "pneumonia"}))
    await receipts.stop()
    results = [(await receipts.find(caller, "request-1")) for caller in ("u-1", "u-2")]
    assert [receipt and receipt.result for receipt in results] == ["normal", "pneumonia"]


async def test_nothing_readable_lies_in_redis_and_not_for_good(receipts: Receipts, redis: Redis) -> None:
    receipts.keep("u-1", got("request-1"))
    await receipts.stop()
    keys = [key async for key in redis.scan_iter("doctorai:receipt:*") if "request-1" not in key and "u-1" not in key]
    assert keys
    for key in keys:
        assert 86_300 < await redis.ttl(key) <= 86_400
        value = await redis.get(key)
        bytes.fromhex(value)
        assert "normal" not in value


async def test_a_former_key_still_finds_it(receipts: Receipts, redis: Redis, metrics: GatewayMetrics) -> None:
    receipts.keep("u-1", got("request-1"))
    await receipts.stop()
    assert await make(redis, metrics, Keyring(SECOND, [FIRST])).find("u-1", "request-1")
    assert await make(redis, metrics, Keyring(SECOND)).find("u-1", "request-1") is None


async def test_rubbish_is_as_good_as_nothing(receipts: Receipts, redis: Redis) -> None:
    receipts.keep("u-1", got("request-1"))
    await receipts.stop()
    for rubbish in ("", "zz", "00" * 40, "\x00"):
        async for key in redis.scan_iter("doctorai:receipt:*"):
            await redis.set(key, rubbish)
        assert await receipts.find("u-1", "request-1") is None


async def test_many_are_few_round_trips(receipts: Receipts, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    put = receipts._put

    async def counted(batch: dict[tuple[str, str], object]) -> None:
        sizes.append(len(batch))
        await put(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(receipts, "_put", counted)
    for number in range(120):
        receipts.keep("u-1", got(f"request-{number}"))
    await receipts.stop()
    assert len(sizes) <= 4
    assert await receipts.find("u-1", "request-119")


async def test_without_redis_they_are_dropped_and_counted_at_once(
    receipts: Receipts, metrics: GatewayMetrics, redis_server: RedisServer
) -> None:
    redis_server.stop()
    receipts.keep("u-1", got("request-1"))
    await receipts.stop()
    started = time.monotonic()
    for number in range(100):
        receipts.keep("u-1", got(f"request-{number}"))
    assert time.monotonic() - started < 0.1
    assert dropped(metrics, "redis") == 101
    assert not receipts._waiting, "Redis rests, so nothing was even taken"
    with pytest.raises(FeedbackUnavailable, match="Redis does not answer"):
        await receipts.find("u-1", "request-1")


async def test_a_redis_that_hangs_fills_nothing_up(
    receipts: Receipts, metrics: GatewayMetrics, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_WAITING", 10)
    redis_server.signal(signal.SIGSTOP)
    try:
        for number in range(30):
            receipts.keep("u-1", got(f"request-{number}"))
        assert dropped(metrics, "full") >= 15
        await receipts.stop()
    finally:
        redis_server.signal(signal.SIGCONT)
    assert dropped(metrics, "full") + dropped(metrics, "redis") == 30


async def test_zero_days_keep_nothing(redis: Redis, metrics: GatewayMetrics) -> None:
    receipts = make(redis, metrics, ttl=timedelta())
    receipts.keep("u-1", got("request-1"))
    assert await receipts.find("u-1", "request-1") is None
    assert dropped(metrics, "redis") == 0


def test_a_receipt_has_no_place_for_a_picture() -> None:
    known = {"caller", "request_id", "model", "model_version", "model_digest", "result", "decision", "confidence"}
    assert receipt_of("u-1", prediction()).model_dump().keys() == known | {"labels", "timestamp"}
