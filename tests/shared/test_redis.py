"""What the Redis client does not do by itself."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from shared.redis import RedisGuard, heed_cancellation


async def test_a_cancellation_that_was_swallowed_is_heeded() -> None:
    begun, went_on = asyncio.Event(), False

    async def work() -> None:
        nonlocal went_on
        with contextlib.suppress(asyncio.CancelledError):  # as redis-py does
            begun.set()
            await asyncio.sleep(60)
        heed_cancellation()
        went_on = True

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_without_one_nothing_happens() -> None:
    heed_cancellation()


async def answer() -> str:
    return "here"


async def never() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_a_redis_that_hangs_is_left_alone_for_a_while() -> None:
    guard = RedisGuard()
    with pytest.raises(TimeoutError):
        await guard.run(never)
    assert guard.resting
    with pytest.raises(TimeoutError):
        await guard.run(answer)


async def test_a_redis_that_answers_others_is_not_left_alone() -> None:
    guard = RedisGuard()
    slow = asyncio.create_task(guard.run(never))
    await asyncio.sleep(0)
    assert await guard.run(answer) == "here"
    with pytest.raises(TimeoutError):
        await slow
    assert not guard.resting


async def test_a_crowd_waits_for_its_turn_and_is_not_late() -> None:
    guard, at_once, most = RedisGuard(), 0, 0

    async def work() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1

    await asyncio.gather(*(guard.run(work) for _ in range(100)))
    assert most == 8
    assert not guard.resting
