"""Whoever stops waiting, by his deadline or by hanging up, stops the work for him everywhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.faults.puppet import Puppet, answering
from tests.faults.toys import another_gateway, client_of
from tests.support.load import fresh_picture
from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.requests import metric
from tests.support.system import System

pytestmark = pytest.mark.integration
LATE = {"X-Request-Timeout-Ms": "300", "Cache-Control": "no-cache"}


@pytest_asyncio.fixture
async def slow(toys: System) -> AsyncIterator[Puppet]:
    """A service that takes half a minute for each answer."""
    async with Puppet(toys.redis.url, service="puppet", act=answering(after_s=30)) as found:
        await found.until_used_by(toys.url)
        yield found


async def until_idle(puppet: Puppet) -> None:
    async def idle() -> bool:
        return puppet.open == 0

    await eventually(idle, 2)


async def test_a_deadline_is_kept_and_the_service_told(api: httpx.AsyncClient, slow: Puppet) -> None:
    started = time.monotonic()
    answer = await api.post("/api/predict/puppet", files={"file": ("a", fresh_picture())}, headers=LATE)
    took_s = time.monotonic() - started
    assert (answer.status_code, answer.json()["code"]) == (504, "TIMEOUT")
    assert 0.3 <= took_s < 1.3
    assert 0 < int(slow.received[0].all("x-request-timeout-ms")[0]) <= 300
    await until_idle(slow)


async def test_work_that_is_late_is_dropped_by_the_service(toys: System, api: httpx.AsyncClient) -> None:
    """As many pictures at once as take some seconds; most are dropped before they are looked at."""
    large = png(size=(6000, 6000))
    work = [api.post("/api/predict/toy", files={"file": ("a", large)}, headers=LATE) for _ in range(16)]
    answers = await asyncio.gather(*work)
    assert {answer.status_code for answer in answers} <= {200, 504}
    assert sum(answer.status_code == 504 for answer in answers) >= 8

    async def idle() -> bool:
        urls = (toys.services["toy"].url, toys.extra[0].url)
        return not any([await metric(api, url, "inference_queue_length") for url in urls])

    await eventually(idle, 5)
    started = time.monotonic()
    assert (await api.post("/api/predict/toy", files={"file": ("a", fresh_picture())})).status_code == 200
    assert time.monotonic() - started < 5


async def test_whoever_hangs_up_frees_his_place(toys: System, slow: Puppet) -> None:
    async with another_gateway(toys, MAX_CONCURRENT_PER_MODEL="1", MAX_QUEUE_PER_MODEL="0") as gateway:
        await slow.until_used_by(gateway.url)
        async with client_of(toys, gateway) as api:
            picture = {"file": ("a", fresh_picture())}
            held = asyncio.create_task(api.post("/api/predict/puppet", files=picture))

            async def taken() -> bool:
                return slow.open == 1

            await eventually(taken)
            assert (await api.post("/api/predict/puppet", files=picture, headers=LATE)).json()["code"] == "OVERLOADED"
            held.cancel()
            await until_idle(slow)
            slow.act = answering()
            assert (await api.post("/api/predict/puppet", files=picture)).status_code == 200
            assert await metric(api, gateway.url, "http_requests_in_flight") == 1, "the one that asks"
