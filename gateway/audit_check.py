"""Verifies the audit log from time to time while it is written, and remembers what was found.

In a process of its own: it computes all the time (2 s for 100,000 lines), and a thread that does so takes the
interpreter away from requests. Of the gateways that share a folder one does it, for all slots; when
that one ends another takes over within a minute.
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

from pydantic import BaseModel, ConfigDict, Field

from shared.audit.check import UNREADABLE
from shared.audit.lock import FileLock, try_lock
from shared.audit.places import check_path
from shared.audit.report import Problem, Report
from shared.logs import get_logger
from shared.stacks import reason_of
from shared.tasks import end_task

_log = get_logger(__name__)
_SOON_S = 5.0
"""From the start to the first check: the start itself has enough to do."""
_TURN_S = 60.0
"""Between two looks whether the gateway that checks is still there."""


class AuditProblem(Problem):
    """A place in the log that does not verify. ``line`` 0: the file as a whole."""


class AuditChecked(BaseModel):
    """What is known of the log. ``intact``: null when that is not known; ``reason`` says why, or why it is old."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    intact: bool | None = None
    checked_at: datetime | None = None
    lines: int | None = None
    slots: int | None = None
    problems: list[AuditProblem] = Field(default=[], description="the first fifty")
    more: int = Field(default=0, description="further ones")
    running: bool = False
    reason: str | None = None


class Found(NamedTuple):
    """``at``: when the check ended, in seconds since 1970."""

    intact: bool
    at: float


class AuditCheck:
    """Checks until it is stopped; never with an ``interval_s`` of 0."""

    def __init__(self, folder: Path, keys: Mapping[str, bytes], interval_s: float) -> None:
        self._folder = folder
        self._keys = json.dumps({name: key.hex() for name, key in keys.items()}).encode()
        self._interval_s = interval_s
        self._lock: FileLock | None = None
        self._task: asyncio.Task[None] | None = None
        self.found: Found | None = None
        """Of the last check; None before the first, and where another gateway does it."""

    async def start(self) -> None:
        if self._interval_s:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        await end_task(self._task)
        self._let_go()

    async def _run(self) -> None:
        await asyncio.sleep(min(_SOON_S, self._interval_s))
        while True:
            rest_s = self._interval_s
            try:
                if self._is_ours():
                    self._take_in(await self._verify())
                else:
                    rest_s = min(_TURN_S, rest_s)
            except (OSError, ValueError) as error:  # what was found stands, and grows old
                _log.error("audit_check_failed", error=reason_of(error))
            await asyncio.sleep(rest_s)

    def _is_ours(self) -> bool:
        """Whether this gateway checks the folder, now or from now on."""
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
        command = (sys.executable, "-m", "shared.audit.check", str(self._folder))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        try:
            told, why = await process.communicate(self._keys)
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
