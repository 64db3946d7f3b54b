"""What the Redis client does not do by itself."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from shared.redis import heed_cancellation


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
