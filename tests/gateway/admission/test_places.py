"""So many at once, so many in the queue, and an honest no."""

from __future__ import annotations

import asyncio

import pytest

from gateway.admission.places import Places
from shared.errors import Overloaded
from shared.http.deadline import Deadline
from shared.tracing.trace import NONE, Attributes, Trace, enter, leave
from tests.support.processes import eventually


async def test_what_finds_neither_a_place_nor_a_queue_is_refused_at_once() -> None:
    places = Places("tumor", 1, queue=1, patience_s=30)
    async with places.take():
        waiting = asyncio.create_task(hold(places))
        await until_waiting(places, 1)
        with pytest.raises(Overloaded) as refused:
            await hold(places)
        assert refused.value.headers["Retry-After"]
    await waiting
    assert (places.taken, places.waiting) == (0, 0)


async def test_the_queue_is_left_in_time() -> None:
    places = Places("tumor", 1, queue=5, patience_s=0.01)
    async with places.take():
        with pytest.raises(Overloaded):
            await hold(places)
        with pytest.raises(Overloaded):
            await hold(places, Deadline(0.001))
    await hold(places)
    assert places.waiting == 0


async def test_who_gives_up_waiting_takes_no_place() -> None:
    places = Places("tumor", 2, queue=50, patience_s=30)
    async with places.take(), places.take():
        tasks = [asyncio.create_task(hold(places)) for _ in range(50)]
        await until_waiting(places, 50)
        for task in tasks[::2]:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (places.taken, places.waiting) == (0, 0)
    async with places.take(), places.take():
        assert places.taken == 2


async def test_what_each_waited_is_told() -> None:
    waited: list[float] = []
    places = Places("tumor", 1, queue=2, patience_s=30, tell_wait=waited.append)
    await hold(places)
    async with places.take():
        assert waited == [0.0, 0.0]
        late = asyncio.create_task(hold(places))
        await until_waiting(places, 1)
        with pytest.raises(Overloaded):
            await hold(places, Deadline(0))
    await late
    assert waited[2:] == [waited[-1]], "who got no place is not told of"
    assert 0 < waited[-1] < 30


async def test_a_wait_is_a_span_and_no_wait_is_none() -> None:
    trace = Spans("t" * 32)
    token = enter(trace)
    try:
        places = Places("tumor", 1, queue=1, patience_s=0.01)
        async with places.take():
            assert trace.names == []
            with pytest.raises(Overloaded):
                await hold(places)
    finally:
        leave(token)
    assert trace.names == ["wait"]


class Spans(Trace):
    """The names of what would be recorded."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(trace_id)
        self.names: list[str] = []

    def add(self, name: str, began: float, ended: float, attributes: Attributes = NONE) -> None:
        assert began <= ended
        self.names.append(name)


async def hold(places: Places, deadline: Deadline | None = None) -> None:
    async with places.take(deadline):
        await asyncio.sleep(0)


async def until_waiting(places: Places, count: int) -> None:
    async def enough() -> bool:
        return places.waiting >= count

    await eventually(enough)
