"""An instance that says it is well and answers badly: no caller notices, it is hardly asked, and forgiven later."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.faults.puppet import Act, Last, Puppet, answer, answering, never, saying
from tests.faults.toys import another_gateway
from tests.support.instances import prediction
from tests.support.load import Load, instances_of, predicting, under_load
from tests.support.processes import eventually
from tests.support.system import System

pytestmark = pytest.mark.integration
CLIENTS = 8
HALF = Last(answer(prediction("toy").model_dump_json())[:-200])
BAD: dict[str, Act] = {
    "another shape": saying(answer('{"result": "red"}')),
    "a list": saying(answer("[]")),
    "impossible values": answering(confidence=7.0),
    "for another model": answering(model="xray"),
    "a name longer than the audit log takes": answering(model_version="v" * 300, result="r" * 300),
    "not JSON": saying(answer("<html>It works!</html>", media_type="text/html")),
    "not UTF-8": saying(answer(b'{"model": "\xff\xfe"}')),
    "500": saying(answer("{}", status=500)),
    "502 of a proxy": saying(answer("bad gateway", status=502, media_type="text/plain")),
    "401": saying(answer('{"code": "UNAUTHORIZED", "detail": "who are you?"}', status=401)),
    "a redirection": saying(answer("", status=302)),
    "not HTTP": saying(Last(b"220 mail.example.org ESMTP\r\n")),
    "half an answer": saying(HALF),
    "hanging up": saying(None),
}


@pytest_asyncio.fixture
async def puppet(toys: System) -> AsyncIterator[Puppet]:
    async with Puppet(toys.redis.url) as found:
        await found.until_used_by(toys.url)
        yield found


async def test_whatever_it_answers_another_is_asked(api: httpx.AsyncClient, puppet: Puppet) -> None:
    ask = predicting(api)

    async def until_asked() -> None:
        asked = puppet.asked

        async def is_asked() -> bool:
            sample = await ask()
            assert not sample.failed, sample
            return puppet.asked > asked

        await eventually(is_asked, 10)

    for how, act in BAD.items():
        print(how)
        puppet.act = act
        await until_asked()
        puppet.act = answering()
        await until_asked()


@pytest.mark.parametrize("how", ["500", "half an answer"])
async def test_under_load_it_is_hardly_asked_until_it_is_mended(
    api: httpx.AsyncClient, puppet: Puppet, how: str
) -> None:
    puppet.act = BAD[how]
    async with under_load(predicting(api), CLIENTS) as load:
        await load.more(100)
        first = puppet.asked
        await load.more(100)
        later = puppet.asked - first
        puppet.act = answering()
        await until_used(puppet, load)
    assert load.failures == []
    assert first <= 5 + CLIENTS + 2, "five faults in a row open the circuit; what was under way comes on top"
    assert later <= 3


async def until_used(puppet: Puppet, load: Load) -> None:
    async def used() -> bool:
        return "puppet" in instances_of(load.samples[-30:])

    await eventually(used, 30)


async def test_one_that_never_answers_costs_half_a_deadline_and_no_request(
    api: httpx.AsyncClient, puppet: Puppet
) -> None:
    puppet.act = never
    async with under_load(predicting(api, **{"X-Request-Timeout-Ms": "6000"}), CLIENTS) as load:

        async def given_up() -> bool:
            return puppet.asked >= 5 and puppet.open == 0

        await eventually(given_up, 30)
        asked = puppet.asked
        await load.more(100)
        assert puppet.asked - asked <= 3
        puppet.act = answering()
    assert load.failures == []
    assert load.slowest_s < 5


async def test_with_hedging_a_slow_one_is_not_waited_for(toys: System, puppet: Puppet) -> None:
    puppet.act = answering(after_s=1.0)
    async with (
        another_gateway(toys, HEDGE_AFTER_MS="0") as plain,
        another_gateway(toys, HEDGE_AFTER_MS="150") as hedging,
    ):
        slow, fast = [await slowest_s(toys, gateway.url, puppet) for gateway in (plain, hedging)]
    print(f"the slowest took {slow * 1000:.0f} ms, with hedging {fast * 1000:.0f} ms")
    assert slow >= 1.0
    assert fast < 0.9


async def slowest_s(toys: System, url: str, puppet: Puppet) -> float:
    """Of one client: a third of its requests go to the slow one."""
    await puppet.until_used_by(url)
    headers = {"Authorization": f"Bearer {toys.key}"}
    client = httpx.AsyncClient(base_url=url, headers=headers, timeout=60)
    async with client, under_load(predicting(client), clients=1) as load:
        await load.more(20)
    assert load.failures == []
    return load.slowest_s
