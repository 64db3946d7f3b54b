"""A request that is sent again with its Idempotency-Key gets the answer that it had, and makes no new work."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.faults.puppet import Puppet, answering
from tests.faults.toys import redis_returns
from tests.support.load import fresh_picture
from tests.support.pictures import png
from tests.support.system import System

pytestmark = pytest.mark.integration
REPLAYED = "Idempotency-Replayed"


@pytest_asyncio.fixture
async def puppet(toys: System) -> AsyncIterator[Puppet]:
    """A service of its own, so that everything that reaches it is this test's."""
    async with Puppet(toys.redis.url, service="puppet") as found:
        await found.until_used_by(toys.url)
        yield found


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


async def predict(api: httpx.AsyncClient, key: str, data: bytes, **headers: str) -> httpx.Response:
    headers = {"Idempotency-Key": key, "Cache-Control": "no-cache", **headers}
    return await api.post("/api/predict/puppet", files={"file": ("a", data)}, headers=headers)


async def test_the_same_again_is_answered_the_same(api: httpx.AsyncClient, puppet: Puppet, key: str) -> None:
    data = fresh_picture()
    first, again = await predict(api, key, data), await predict(api, key, data)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert puppet.asked == 1


async def test_another_body_with_the_same_key_is_refused(api: httpx.AsyncClient, puppet: Puppet, key: str) -> None:
    await predict(api, key, fresh_picture())
    other = await predict(api, key, fresh_picture())
    assert (other.status_code, other.json()["code"]) == (422, "VALIDATION_ERROR")
    assert puppet.asked == 1


async def test_of_many_at_once_one_works(api: httpx.AsyncClient, puppet: Puppet, key: str) -> None:
    puppet.act = answering(after_s=1.5)
    data = fresh_picture()
    answers = await asyncio.gather(*(predict(api, key, data) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {answer.headers["Retry-After"] for answer in answers if answer.status_code == 409} == {"1"}
    assert puppet.asked == 1
    assert (await predict(api, key, data)).headers[REPLAYED] == "true"


async def test_a_failure_is_not_kept(api: httpx.AsyncClient, puppet: Puppet, key: str) -> None:
    """Whoever tries again after an error, or after hanging up, gets a new chance."""
    data = fresh_picture()
    puppet.act = answering(after_s=30)
    late = await predict(api, key, data, **{"X-Request-Timeout-Ms": "200"})
    assert late.status_code == 504
    headers = {"Idempotency-Key": key, "Cache-Control": "no-cache"}
    with pytest.raises(httpx.ReadTimeout):
        await api.post("/api/predict/puppet", files={"file": ("a", data)}, headers=headers, timeout=0.5)
    puppet.act = answering()

    async def answered() -> int:
        return (await predict(api, key, data)).status_code

    statuses = [await answered()]
    while statuses[-1] == 409 and len(statuses) < 50:
        statuses.append(await answered())
    assert statuses[-1] == 200


async def test_another_account_with_the_same_key_has_its_own_answer(
    toys: System, api: httpx.AsyncClient, puppet: Puppet, key: str
) -> None:
    mine = await predict(api, key, fresh_picture())
    other = toys.make_key(name="another")
    theirs = await predict(api, key, fresh_picture(), Authorization=f"Bearer {other}")
    assert (mine.status_code, theirs.status_code) == (200, 200)
    assert REPLAYED not in theirs.headers
    assert mine.json()["request_id"] != theirs.json()["request_id"]
    assert puppet.asked == 2


async def test_without_redis_it_is_answered(toys: System, api: httpx.AsyncClient, key: str) -> None:
    data = png((12, 34, 56))
    headers = {"Idempotency-Key": key, "Content-Type": "image/png"}
    toys.redis.stop()
    try:
        answers = [await api.post("/api/predict/toy", content=data, headers=headers) for _ in range(2)]
    finally:
        await redis_returns(toys)
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("bad", ["short", "x" * 256, "with space in it", "tab\tinside-it"])
async def test_a_key_that_is_none_is_refused(api: httpx.AsyncClient, bad: str) -> None:
    answer = await predict(api, bad, png())
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")
