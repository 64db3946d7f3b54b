"""The pool: bounded, fair to those who left, and alive after whatever a model does. Gates instead of sleeps."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from shared.errors import DeadlineExceeded, Overloaded
from shared.inference.pool import PoolClosed, WorkerPool
from tests.support.processes import eventually

LONG = 30.0
Pool = WorkerPool[int, int]


class Gate:
    """A worker that waits for its gate, notes every batch, and doubles what it is given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(items))
        self.entered.set()
        assert self.open.wait(LONG)
        return [ValueError(f"item {item}") if item < 0 else item * 2 for item in items]


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
async def make(gate: Gate) -> AsyncIterator[Callable[..., Pool]]:
    pools: list[Pool] = []

    def build(*, max_batch: int = 1, max_queue: int = 8, workers: int = 1) -> Pool:
        pools.append(WorkerPool(lambda: gate, workers=workers, max_batch=max_batch, max_queue=max_queue))
        return pools[-1]

    yield build
    gate.open.set()
    for pool in pools:
        await asyncio.to_thread(pool.close)


def ask(pool: Pool, item: int, group: str = "a", timeout_s: float = LONG) -> asyncio.Task[tuple[int, float]]:
    return asyncio.create_task(pool.run(item, group=group, timeout_s=timeout_s))


async def queued(pool: Pool, count: int) -> None:
    async def check() -> bool:
        return pool.waiting == count

    await eventually(check)


async def occupy(pool: Pool, gate: Gate, item: int = 100) -> asyncio.Task[tuple[int, float]]:
    """The one worker holds ``item`` until the gate opens."""
    task = ask(pool, item)
    assert await asyncio.to_thread(gate.entered.wait, LONG)
    return task


async def test_an_idle_pool_answers_alone(make: Callable[..., Pool], gate: Gate) -> None:
    gate.open.set()
    done = await make(max_batch=4).run(21, timeout_s=LONG)
    assert (done.result, done.batch) == (42, 1)
    assert done.queued <= done.taken <= done.ended
    assert done.queue_ms >= 0
    assert gate.batches == [[21]]


async def test_the_queue_is_bounded(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make(max_queue=2)
    tasks = [await occupy(pool, gate), ask(pool, 1), ask(pool, 2)]
    await queued(pool, 2)
    with pytest.raises(Overloaded, match="2 requests wait") as caught:
        await pool.run(3, timeout_s=LONG)
    assert caught.value.headers["Retry-After"] == "1"
    gate.open.set()
    assert [done.result for done in await asyncio.gather(*tasks)] == [200, 2, 4]
    assert gate.batches == [[100], [1], [2]]


async def test_cancelled_work_never_runs_and_frees_its_place(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make(max_queue=1)
    held, gone = await occupy(pool, gate), ask(pool, 1)
    await queued(pool, 1)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    assert (pool.waiting, pool.dropped) == (0, 1)
    taken = ask(pool, 2)
    await queued(pool, 1)
    gate.open.set()
    assert [done.result for done in await asyncio.gather(held, taken)] == [200, 4]
    assert gate.batches == [[100], [2]]


async def test_a_caller_who_leaves_while_his_batch_runs_disturbs_nobody(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make(max_batch=4)
    held = await occupy(pool, gate)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    gate.open.set()
    assert (await pool.run(5, timeout_s=LONG))[0] == 10


async def test_work_whose_deadline_passed_is_dropped(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make()
    held = await occupy(pool, gate)
    with pytest.raises(DeadlineExceeded, match="within the deadline"):
        await pool.run(1, timeout_s=0.01)
    assert pool.waiting == 0
    gate.open.set()
    await held
    assert gate.batches == [[100]]


def spin(until: Callable[[], bool]) -> None:
    """Waits without giving the event loop a turn, as a callback that is busy would."""
    end = time.perf_counter() + LONG
    while not until():
        assert time.perf_counter() < end


async def test_a_deadline_that_passed_while_the_event_loop_was_busy_is_seen_by_the_worker(
    make: Callable[..., Pool], gate: Gate
) -> None:
    pool = make()
    held, late = await occupy(pool, gate), ask(pool, 1, timeout_s=0.5)
    await queued(pool, 1)
    passed = time.perf_counter() + 0.5
    spin(lambda: time.perf_counter() > passed)
    gate.open.set()
    spin(lambda: pool.dropped == 1 or len(gate.batches) == 2)
    assert gate.batches == [[100]]
    with pytest.raises(DeadlineExceeded):
        await late
    await held


async def test_a_batch_is_never_larger_than_its_bound(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make(max_batch=3, max_queue=8)
    tasks = [await occupy(pool, gate), *(ask(pool, item) for item in range(7))]
    await queued(pool, 7)
    gate.open.set()
    assert [done.result for done in await asyncio.gather(*tasks)] == [200, 0, 2, 4, 6, 8, 10, 12]
    assert gate.batches == [[100], [0, 1, 2], [3, 4, 5], [6]]


async def test_who_counts_batches_is_told_of_each(gate: Gate) -> None:
    sizes: list[int] = []
    pool = WorkerPool[int, int](lambda: gate, workers=1, max_batch=3, max_queue=8, on_batch=sizes.append)
    tasks = [await occupy(pool, gate), *(ask(pool, item) for item in range(5))]
    await queued(pool, 5)
    gate.open.set()
    await asyncio.gather(*tasks)
    assert sizes == [1, 3, 2]
    await asyncio.to_thread(pool.close)


async def test_groups_are_never_mixed(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make(max_batch=8)
    tasks = [await occupy(pool, gate)]
    for item, group in enumerate("aabba"):
        tasks.append(ask(pool, item, group))
        await queued(pool, item + 1)
    gate.open.set()
    await asyncio.gather(*tasks)
    assert gate.batches == [[100], [0, 1], [2, 3], [4]]


async def test_one_bad_item_fails_alone(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make(max_batch=3)
    tasks = [await occupy(pool, gate), ask(pool, 1), ask(pool, -2), ask(pool, 3)]
    await queued(pool, 3)
    gate.open.set()
    _, first, bad, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(bad, ValueError)
    assert not isinstance(first, BaseException)
    assert not isinstance(last, BaseException)
    assert (first[0], last[0]) == (2, 6)


async def test_a_worker_that_raises_fails_its_callers_and_lives_on() -> None:
    def worker(items: Sequence[int]) -> list[int | Exception]:
        if 0 in items:
            raise MemoryError("out of it")
        return [item for item in items if item != 9]  # for 9, one answer too few

    pool = WorkerPool[int, int](lambda: worker, workers=1, max_batch=1, max_queue=4)
    with pytest.raises(MemoryError):
        await pool.run(0, timeout_s=LONG)
    with pytest.raises(ValueError, match="0 results for 1 items"):
        await pool.run(9, timeout_s=LONG)
    assert (await pool.run(7, timeout_s=LONG))[0] == 7
    await asyncio.to_thread(pool.close)  # a worker counts itself idle after it has answered
    assert pool.busy == 0


async def test_close_answers_all_that_was_taken_refuses_the_rest_and_ends_the_threads(
    make: Callable[..., Pool], gate: Gate
) -> None:
    before = threading.active_count()
    pool = make()
    held, waiting = await occupy(pool, gate), ask(pool, 1)
    await queued(pool, 1)
    closing = asyncio.create_task(asyncio.to_thread(pool.close))
    gate.open.set()
    await closing
    assert (await held)[0] == 200
    assert (await waiting)[0] == 2
    with pytest.raises(PoolClosed, match="being replaced") as caught:
        await pool.run(2, timeout_s=LONG)
    assert caught.value.headers["Retry-After"] == "1"
    assert not any(thread.is_alive() for thread in pool._threads)
    assert threading.active_count() <= before + 2  # asyncio's own helpers


async def test_the_queue_time_is_measured_and_so_is_the_work(make: Callable[..., Pool], gate: Gate) -> None:
    pool = make()
    held = await occupy(pool, gate)
    assert (pool.busy, pool.size) == (1, 1)
    waited = ask(pool, 1)
    await queued(pool, 1)
    started = time.perf_counter()

    async def a_while_has_passed() -> bool:
        return time.perf_counter() - started > 0.03

    await eventually(a_while_has_passed)
    gate.open.set()
    await held
    assert (await waited)[1] >= 30


async def test_each_worker_is_made_before_the_pool_serves_and_runs_on_a_thread_of_its_own() -> None:
    barrier = threading.Barrier(2, timeout=LONG)

    def worker(items: Sequence[int]) -> list[int | Exception]:
        barrier.wait()  # passes only when two workers are in it at once
        return [threading.get_ident()] * len(items)

    pool = WorkerPool[int, int](lambda: worker, workers=2, max_batch=1, max_queue=4)
    (first, *_), (second, *_) = await asyncio.gather(pool.run(1, timeout_s=LONG), pool.run(2, timeout_s=LONG))
    assert first != second
    await asyncio.to_thread(pool.close)


@pytest.mark.parametrize("wrong", ["workers", "max_batch", "max_queue"])
def test_a_bound_of_zero_is_refused(wrong: str) -> None:
    bounds = {"workers": 1, "max_batch": 1, "max_queue": 1} | {wrong: 0}
    with pytest.raises(ValueError, match="at least 1"):
        WorkerPool[int, int](Gate, **bounds)
