"""Keeps feedback, and tells it again. What was answered with 201 is on the disk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from gateway.auth.keyring import Keyring
from gateway.feedback.journal import Journal
from gateway.feedback.read import Place, lines_at, newest
from gateway.feedback.record import Feedback, Line
from shared.audit.event import utc_now
from shared.audit.writer import Clock
from shared.errors import FeedbackUnavailable
from shared.logs import get_logger
from shared.sealed import Sealed
from shared.tasks import end_task

_log = get_logger(__name__)
_HOUSE_S = 3600.0
_PATIENCE_S = 5.0
"""For a disk that hangs; what is written after that counts all the same, and saying it again does no harm."""
_CHUNK = 1 << 16
"""Bytes of an export that are sent together, roughly."""
T = TypeVar("T")


class FeedbackBook:
    """``add`` and ``export`` raise FeedbackUnavailable, with the reason, when the disk does not do its work."""

    def __init__(self, folder: Path, days: int, keyring: Keyring, clock: Clock = utc_now) -> None:
        self._folder = folder
        self._kept = timedelta(days=days)
        self._keyring = keyring
        self._clock = clock
        self._journal = Journal(folder, self._kept, clock)
        # one thread: lines are written one after the other, and a caller who gives up waiting disturbs nothing
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="feedback")
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Makes the folder and begins to keep house. A folder that cannot be used is a warning: predictions go on."""
        await self._quietly(self._journal.open)
        self._task = asyncio.create_task(self._keep_house())

    async def stop(self) -> None:
        await end_task(self._task)
        await self._in_thread(self._journal.close)
        self._thread.shutdown(wait=False)

    async def add(self, said: Feedback, note: str | None) -> None:
        """Returns once it is on the disk."""
        sealed = self._seals(said)[0].seal(note) if note else None
        line = Line(**said.model_dump(), sealed_note=sealed).model_dump_json().encode() + b"\n"
        await self._reliably("be kept", lambda: self._in_thread(lambda: self._journal.append(line)))

    async def export(
        self, model: str | None = None, since: datetime | None = None, *, notes: bool = False
    ) -> Iterator[bytes]:
        """JSON lines, in chunks, of the feedback on ``model`` that was given ``since`` then, the newest of each."""
        oldest = self._clock() - self._kept

        def wanted(line: Line) -> bool:
            return line.time >= oldest and model in (None, line.model) and (since is None or line.time >= since)

        async def look() -> list[Place]:
            return await asyncio.to_thread(newest, self._folder, wanted)

        places = await self._reliably("be read", look, patience_s=None)
        return _chunks(self._told(line, notes) for line in lines_at(places))

    def _told(self, line: Line, notes: bool) -> bytes:
        """``note`` is null, though there is one, when the key that sealed it is not here any more."""
        said = line.told().model_dump(mode="json") | ({"note": self._note(line)} if notes else {})
        return json.dumps(said, ensure_ascii=False).encode() + b"\n"

    def _note(self, line: Line) -> str | None:
        opened = (seal.open(line.sealed_note or "") for seal in self._seals(line))
        return next((note for note in opened if note is not None), None)

    def _seals(self, said: Feedback) -> list[Sealed]:
        """Of the key in use, then of the former ones; for this record alone, so that notes cannot be moved about."""
        digests = self._keyring.digests("feedback", said.user, said.request_id, said.predicted.isoformat())
        return [Sealed("feedback", digest) for digest in digests]

    async def _keep_house(self) -> None:
        while True:
            await self._quietly(self._journal.retire)
            await asyncio.sleep(_HOUSE_S)

    async def _quietly(self, work: Callable[[], object]) -> None:
        try:
            await self._in_thread(work)
        except OSError as error:
            _log.warning("feedback_folder_unusable", folder=str(self._folder), error=error.strerror or str(error))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _reliably(self, what: str, work: Callable[[], Awaitable[T]], patience_s: float | None = _PATIENCE_S) -> T:
        try:
            async with asyncio.timeout(patience_s):
                return await work()
        except OSError as error:  # TimeoutError is one
            reason = error.strerror or str(error) or "the disk does not answer"
            _log.error("feedback_failed", error=reason)
            detail = f"The feedback cannot {what}: {reason}."
            raise FeedbackUnavailable(detail, headers={"Retry-After": "5"}) from error


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
