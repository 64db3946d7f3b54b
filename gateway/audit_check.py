"""Verifies the audit log from time to time while it is written, and when it is asked to; remembers what was found.

In a process of its own: it computes all the time (2 s for 100,000 lines), and a thread that does so takes the
interpreter away from requests. Of the gateways that share a folder one does it, for all slots; when
that one ends another takes over within a minute. Whoever is asked to does it at once, unless one is at it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gateway.audit_report import AuditChecked, checked, read_report, write_report
from shared.audit.check import UNREADABLE
from shared.audit.event import utc_now
from shared.audit.lock import FileLock, try_lock
from shared.audit.places import check_path, run_path
from shared.audit.report import Report
from shared.logs import get_logger
from shared.stacks import reason_of
from shared.tasks import end_task

_log = get_logger(__name__)
_SOON_S = 5.0
"""From the start to the first check: the start itself has enough to do."""
_TURN_S = 60.0
"""Between two looks whether the gateway that checks is still there."""
_TRIES, _PAUSE_S = 5, 0.02
"""Who only looks whether a check runs holds its lock for a moment."""
_NO_KEY = "without SECRET_KEY each start has another key: the log cannot be checked"


class Found(NamedTuple):
    """``at``: when the check ended, in seconds since 1970."""

    intact: bool
    at: float


class AuditCheck:
    """Checks until it is stopped; by itself never with an ``interval_s`` of 0. ``keys``: none, it cannot."""

    def __init__(self, folder: Path, keys: Mapping[str, bytes], interval_s: float) -> None:
        self._folder = folder
        self._keys = keys
        self._interval_s = interval_s if keys else 0
        self._lock: FileLock | None = None
        self._task: asyncio.Task[None] | None = None
        self._asked: asyncio.Task[bool] | None = None
        self._failed: tuple[datetime, str] | None = None
        self.found: Found | None = None
        """Of the last check; None before the first, and where another gateway does it."""

    @property
    def possible(self) -> bool:
        return bool(self._keys)

    async def start(self) -> None:
        if self._interval_s:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        await end_task(self._asked)
        await end_task(self._task)
        self._let_go()

    def begin(self) -> None:
        """Checks now, in the background; not beside another check."""
        if self.possible and not self._is_asked:
            self._asked = asyncio.create_task(self._attempt())

    async def told(self) -> AuditChecked:
        """What the last check found, whichever gateway made it."""
        if not self.possible:
            return AuditChecked(reason=_NO_KEY)
        found, running = await asyncio.to_thread(self._look)
        return found.model_copy(update={"running": running or self._is_asked, "reason": self._reason(found)})

    def _reason(self, found: AuditChecked) -> str | None:
        """Why the last check of this gateway failed, unless one has succeeded since, here or elsewhere."""
        if self._failed and (found.checked_at is None or self._failed[0] > found.checked_at):
            return self._failed[1]
        return found.reason

    @property
    def _is_asked(self) -> bool:
        return self._asked is not None and not self._asked.done()

    def _look(self) -> tuple[AuditChecked, bool]:
        """In a thread: what was found last, and whether somebody checks now."""
        found = read_report(self._folder, self._keys)
        try:
            lock = try_lock(run_path(self._folder))
        except OSError:
            return found, False
        if lock:
            lock.release()
        return found, lock is None

    async def _run(self) -> None:
        await asyncio.sleep(min(_SOON_S, self._interval_s))
        while True:
            done = await self._attempt(only_if_ours=True)
            await self._rest(self._interval_s if done else min(_TURN_S, self._interval_s))

    async def _rest(self, wait_s: float) -> None:
        """Waits, and takes in meanwhile what other gateways find that are asked to check."""
        until = time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, _TURN_S))
            if self._lock and self._lock.holds:
                self._catch_up(await asyncio.to_thread(read_report, self._folder, self._keys))

    def _catch_up(self, told: AuditChecked) -> None:
        if told.intact is None or told.checked_at is None:
            return
        if self.found is None or told.checked_at.timestamp() > self.found.at:
            self.found = Found(told.intact, told.checked_at.timestamp())

    async def _attempt(self, *, only_if_ours: bool = False) -> bool:
        """False when somebody else checks instead."""
        try:
            return (not only_if_ours or self._is_ours()) and await self._check()
        except (OSError, ValueError) as error:  # what was found stands, and grows old
            self._failed = utc_now(), f"the last check failed: {reason_of(error)}"
            _log.error("audit_check_failed", error=reason_of(error))
            return True

    async def _check(self) -> bool:
        """False while somebody else does. Raises OSError or ValueError."""
        lock = await self._take_turn()
        if lock is None:
            return False
        try:
            report = await self._verify()
            self._take_in(report)
            await asyncio.to_thread(write_report, self._folder, checked(report), self._keys)
        finally:
            lock.release()
        return True

    async def _take_turn(self) -> FileLock | None:
        for _ in range(_TRIES):
            if lock := try_lock(run_path(self._folder)):
                return lock
            await asyncio.sleep(_PAUSE_S)
        return None

    def _is_ours(self) -> bool:
        """Whether this gateway checks the folder by itself, now or from now on."""
        if self._lock and not self._lock.holds:
            self._let_go()
        if self._lock is None:
            self._lock = try_lock(check_path(self._folder))
        return self._lock is not None

    def _let_go(self) -> None:
        if self._lock:
            self._lock.release()
        self._lock = self.found = None

    async def _verify(self) -> Report:
        """Raises OSError or ValueError when there is no report."""
        keys = json.dumps({name: key.hex() for name, key in self._keys.items()}).encode()
        command = (sys.executable, "-m", "shared.audit.check", str(self._folder))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        try:
            told, why = await process.communicate(keys)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            last_line = why.decode(errors="replace").strip().rpartition("\n")[2]
            # a surprise's last line may hold anything of the log
            raise OSError(last_line if last_line.startswith(UNREADABLE) else f"it ended with {process.returncode}")
        return Report.model_validate_json(told)

    def _take_in(self, report: Report) -> None:
        if self._lock:  # else the metrics are another gateway's to tell
            self.found = Found(report.ok, time.time())
        if report.ok:
            _log.info("audit_log_verified", lines=report.lines, slots=report.slots)
            return
        first = report.problems[0]
        _log.error(
            "audit_log_not_intact",
            problems=len(report.problems) + report.more,
            file=first.file,
            line=first.line,
            what=first.what,
        )
