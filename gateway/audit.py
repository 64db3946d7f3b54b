"""The gateway's audit log: requests only put an event into memory; a thread signs it and writes it to disk.

When the disk is full or the folder is gone, events wait in memory and ``failing`` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared.audit.event import AuditEvent, utc_now
from shared.audit.store import Store
from shared.audit.writer import Clock
from shared.logs import get_logger
from shared.stacks import reason_of
from shared.tasks import end_task

_log = get_logger(__name__)
_BATCH_S = 0.1
_BATCH = 1000
"""Events of one write: what is signed in one go, and what is done again after a failure."""
_RETRY_S = 1.0
_HOUSE_S = 3600.0
"""How often a log with nothing to write looks whether a file has become too old."""
_MOST_KEPT = 100_000


class AuditLog:
    """Writes events until it is stopped.

    The constructor raises ValueError or OSError, one line, when there is no key or no usable folder.
    """

    def __init__(self, folder: Path, keys: Mapping[str, bytes], retention_days: int, clock: Clock = utc_now) -> None:
        self._store = Store(folder, keys, retention_days, clock)
        self._clock = clock
        self._queue: deque[AuditEvent] = deque()
        self._batch: list[AuditEvent] = []
        self._wake = asyncio.Event()
        # one thread: what is written is in order, and a caller who gives up waiting disturbs nothing
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._since = ""
        self._told = 0
        self.failing: str | None = None
        """Why nothing is written at the moment."""
        self.written = 0
        """Recorded events that are on disk."""
        self.lost = 0
        """Events that were refused because too many waited; the log itself tells how many."""

    @property
    def pending(self) -> int:
        """Recorded events that are not on disk yet."""
        return len(self._batch) + len(self._queue)

    @property
    def lag_s(self) -> float:
        """The age of the oldest of them, in seconds."""
        try:
            oldest = (self._batch or self._queue)[0]
        except IndexError:  # none, or the thread has taken it just now
            return 0.0
        return max(0.0, (self._clock() - oldest.time).total_seconds())

    def record(self, event: AuditEvent) -> None:
        """Takes ``event``; it is on disk about 100 ms later. Never waits, never raises."""
        if self._stopped or self.pending >= _MOST_KEPT:
            self.lost += 1
            return
        self._queue.append(event)
        self._wake.set()

    def start(self) -> None:
        """Opens the log and writes what is recorded, until ``stop``."""
        self._task = asyncio.create_task(self._run())

    async def flush(self) -> None:
        """Writes what waits. Returns after the first failure, too: ``failing`` tells."""
        if not self._stopped:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._work)

    async def stop(self) -> None:
        """Writes what waits, tries once, and closes the log."""
        if self._stopped:
            return
        await end_task(self._task)
        await self.flush()
        self._stopped = True
        if self.pending:
            _log.error("audit_events_lost", events=self.pending, reason=self.failing)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            await self.flush()
            if self.failing:
                await asyncio.sleep(_RETRY_S)
            else:
                await self._rest()

    async def _rest(self) -> None:
        """Until a batch has come together."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HOUSE_S):
                await self._wake.wait()
            await asyncio.sleep(_BATCH_S)

    def _work(self) -> None:
        """In the thread: writes what waits now, or notes why not. What comes meanwhile is of the next batch."""
        waiting = self.pending
        try:
            self._store.settle()
            while waiting > 0 and self._take():
                waiting -= len(self._batch)
                self._store.write(self._batch)
                self.written += len(self._batch)
                self._batch = []
                self._tell()
                self._store.settle()
            self._tell()
            self._store.settle()
        except Exception as error:  # noqa: BLE001 - whatever it is, the events must be kept and the gateway must serve
            self._fail(error)

    def _take(self) -> bool:
        """Fills the batch; one that could not be written is the next again."""
        while self._queue and len(self._batch) < _BATCH:
            self._batch.append(self._queue.popleft())
        return bool(self._batch)

    def _tell(self) -> None:
        """Writes that the log works again, and how many events are not in it."""
        lost = self.lost - self._told
        if self.failing is None and not lost:
            return
        detail = {"what": "the log was not written for a while", "why": (self.failing or "too many events")[:256]}
        self._store.tell({**detail, "since": self._since or self._now(), "lost": str(lost)})
        self._told += lost
        self.failing, self._since = None, ""
        _log.info("audit_log_back", lost=lost)

    def _fail(self, error: Exception) -> None:
        if self.failing is None:
            self._since = self._now()
            _log.error(
                "audit_log_fails", error=reason_of(error), exc_info=None if isinstance(error, OSError) else error
            )
        self.failing = reason_of(error)

    def _now(self) -> str:
        return self._clock().isoformat()
