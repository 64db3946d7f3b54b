"""Worker threads that share one bounded queue. Each takes what is waiting, up to a batch, and never waits for more.

So an idle pool answers at once, a busy one batches by itself, and no timer has to be tuned. Work whose caller has
gone, or whose deadline has passed, is dropped when its turn comes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from shared.errors import DeadlineExceeded, Overloaded

Item = TypeVar("Item")
Result = TypeVar("Result")
Worker = Callable[[Sequence[Item]], Sequence[Result | Exception]]
"""Items → one result or exception each, in their order. Called on one thread only."""


class Done(NamedTuple, Generic[Result]):
    """What became of an item: when it was queued, taken and done, in seconds of ``time.perf_counter``; with how many
    others it was taken, itself included.
    """

    result: Result
    queued: float
    taken: float
    ended: float
    batch: int

    @property
    def queue_ms(self) -> float:
        """Milliseconds that it waited for a worker."""
        return (self.taken - self.queued) * 1000


class PoolClosed(Overloaded):
    """The pool was closed before it took the item; whoever replaced it has another."""


@dataclass(eq=False)
class _Job(Generic[Item, Result]):
    item: Item
    group: Hashable
    deadline: float
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Done[Result]]
    queued: float = field(default_factory=time.perf_counter)
    cancelled: bool = False


class WorkerPool(Generic[Item, Result]):
    """``workers`` threads over one queue of at most ``max_queue`` waiting items.

    Only items of the same ``group`` are batched together. Raises Overloaded when the queue is full.
    ``on_batch`` is told how many items a worker took, on the worker's thread.
    """

    def __init__(
        self,
        make_worker: Callable[[], Worker[Item, Result]],
        *,
        workers: int,
        max_batch: int,
        max_queue: int,
        on_batch: Callable[[int], None] | None = None,
    ) -> None:
        if workers < 1 or max_batch < 1 or max_queue < 1:
            raise ValueError("workers, max_batch and max_queue must be at least 1")
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._on_batch = on_batch
        self._jobs: deque[_Job[Item, Result]] = deque()
        self._ready = threading.Condition()
        self._closed = False
        self.size = workers
        self.busy = 0
        self.dropped = 0
        made = [make_worker() for _ in range(workers)]
        self._threads = [threading.Thread(target=self._serve, args=(worker,), daemon=True) for worker in made]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Items in the queue, those whose caller has gone left out."""
        with self._ready:
            return sum(not job.cancelled for job in self._jobs)

    async def run(self, item: Item, *, group: Hashable = None, timeout_s: float) -> Done[Result]:
        """The result of ``item``, and how long it took to get it."""
        loop = asyncio.get_running_loop()
        job = _Job[Item, Result](item, group, time.perf_counter() + timeout_s, loop, loop.create_future())
        self._enqueue(job)
        try:
            async with asyncio.timeout(timeout_s):
                return await job.future
        except TimeoutError as error:
            raise DeadlineExceeded("The model did not answer within the deadline.") from error
        finally:
            self._forget(job)

    def close(self) -> None:
        """Takes nothing more, answers all that was taken, and ends the threads."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()

    def _enqueue(self, job: _Job[Item, Result]) -> None:
        with self._ready:
            if self._closed:
                raise PoolClosed("The model is being replaced; try again.", headers={"Retry-After": "1"})
            if len(self._jobs) >= self._max_queue:
                raise Overloaded(
                    f"{len(self._jobs)} requests wait for this model already.", headers={"Retry-After": "1"}
                )
            self._jobs.append(job)
            self._ready.notify()

    def _forget(self, job: _Job[Item, Result]) -> None:
        # frees the place in the queue at once when the caller hangs up; a job already taken is no longer there
        job.cancelled = True
        with self._ready:
            if job in self._jobs:
                self._jobs.remove(job)
                self.dropped += 1

    def _serve(self, worker: Worker[Item, Result]) -> None:
        while batch := self._take():
            started = time.perf_counter()
            try:
                if self._on_batch:
                    self._on_batch(len(batch))
                results = worker([job.item for job in batch])
                if len(results) != len(batch):
                    raise ValueError(f"the worker gave {len(results)} results for {len(batch)} items")
            except Exception as error:  # noqa: BLE001 - whatever a model raises belongs to its callers
                results = [error] * len(batch)
            ended = time.perf_counter()
            with self._ready:
                self.busy -= 1  # before its callers are told: who then asks for more finds it free
            for job, result in zip(batch, results, strict=True):
                _settle(job, result, started, ended, len(batch))

    def _take(self) -> list[_Job[Item, Result]]:
        """The next batch, or an empty list when the pool has closed."""
        with self._ready:
            while True:
                batch = self._next_batch()
                if batch or self._closed:
                    self.busy += bool(batch)
                    return batch
                self._ready.wait()

    def _next_batch(self) -> list[_Job[Item, Result]]:
        batch: list[_Job[Item, Result]] = []
        while self._jobs and len(batch) < self._max_batch:
            if batch and self._jobs[0].group != batch[0].group:
                break
            job = self._jobs.popleft()
            if job.cancelled or job.deadline < time.perf_counter():
                self.dropped += 1
            else:
                batch.append(job)
        return batch


def _settle(job: _Job[Item, Result], result: Result | Exception, taken: float, ended: float, batch: int) -> None:
    def settle() -> None:
        if job.future.done():  # the caller has gone
            return
        if isinstance(result, Exception):
            job.future.set_exception(result)
        else:
            job.future.set_result(Done(result, job.queued, taken, ended, batch))

    try:
        job.loop.call_soon_threadsafe(settle)
    except RuntimeError:
        # the event loop has closed: nobody is waiting
        return
