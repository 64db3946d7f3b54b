"""Work for a caller who has hung up is cancelled."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from shared.http.disconnect import ClientDisconnected, until_disconnect


class Caller:
    """Hangs up when the test says so."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.request = Request({"type": "http", "headers": []}, self._receive)

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


class Work:
    """Runs until it is cancelled or finished."""

    def __init__(self) -> None:
        self.started, self.finish = asyncio.Event(), asyncio.Event()
        self.cancelled = False

    async def __call__(self) -> str:
        self.started.set()
        try:
            await self.finish.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return "done"


async def test_the_work_is_cancelled_when_the_caller_goes() -> None:
    caller, work = Caller(), Work()
    waiting = asyncio.create_task(until_disconnect(caller.request, work()))
    await work.started.wait()
    caller.gone.set()
    with pytest.raises(ClientDisconnected):
        await waiting
    assert work.cancelled


async def test_a_caller_who_stays_gets_the_result_and_nothing_is_left_running() -> None:
    caller, work = Caller(), Work()
    work.finish.set()
    assert await until_disconnect(caller.request, work()) == "done"
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_works_own_error_is_the_callers() -> None:
    async def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await until_disconnect(Caller().request, fail())


async def test_work_that_is_done_wins_over_a_caller_who_goes_at_the_same_time() -> None:
    caller, work = Caller(), Work()
    caller.gone.set()
    work.finish.set()
    assert await until_disconnect(caller.request, work()) == "done"


async def test_a_cancelled_request_cancels_its_work() -> None:
    work = Work()
    waiting = asyncio.create_task(until_disconnect(Caller().request, work()))
    await work.started.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled
