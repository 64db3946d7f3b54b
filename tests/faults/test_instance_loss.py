"""Under load an instance is killed, stopped, frozen: no caller notices, and it is used again once it is back."""

from __future__ import annotations

import signal
import time

import pytest

from tests.support.load import Load, instances_of, predicting, under_load
from tests.support.system import Process, System

pytestmark = [pytest.mark.integration, pytest.mark.slow]
DEADLINE_S = 8.0
LASTS_S = 20.0


async def test_20_seconds_of_load_and_every_way_to_lose_an_instance(toys: System) -> None:
    victim, started = toys.extra[0], time.monotonic()
    deadline = {"X-Request-Timeout-Ms": str(int(DEADLINE_S * 1000))}
    async with toys.client() as client, under_load(predicting(client, **deadline)) as load:
        await is_lost(load, victim, signal.SIGKILL)
        await comes_back(load, victim)
        await is_lost(load, victim, signal.SIGTERM)
        await comes_back(load, victim)
        await is_lost(load, victim, signal.SIGSTOP)
        victim.signal(signal.SIGCONT)
        await load.until_used(2)
        await load.lasting(max(0.5, LASTS_S - (time.monotonic() - started)))
    print(f"{len(load.samples)} requests, {len(load.failures)} failed, the slowest took {load.slowest_s:.2f} s")
    assert load.failures == []
    assert load.slowest_s < DEADLINE_S + 0.5


async def is_lost(load: Load, victim: Process, number: signal.Signals) -> None:
    """Both work; then one is sent ``number``, and soon only the other one works."""
    both = await load.until_used(2)
    victim.signal(number)
    if number != signal.SIGSTOP:
        assert victim.popen
        victim.popen.wait(30)
    survivors = await load.until_used(1, timeout_s=DEADLINE_S)
    assert survivors < both
    assert instances_of(await load.more(100)) == survivors


async def comes_back(load: Load, victim: Process) -> None:
    """At the same address, as another instance."""
    before = instances_of(load.samples)
    victim.start()
    assert await load.until_used(2) - before
