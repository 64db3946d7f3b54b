"""The files of feedback as one process writes them. For one thread; every call may raise OSError, and be made again."""

from __future__ import annotations

import secrets
from datetime import UTC, timedelta
from pathlib import Path

from gateway.feedback.places import file_of, files
from shared.audit.appender import Appender
from shared.audit.writer import Clock
from shared.logs import get_logger

_log = get_logger(__name__)


class Journal:
    """Adds lines wholly or not at all, and durably; nobody but this user may read the files."""

    def __init__(self, folder: Path, kept: timedelta, clock: Clock) -> None:
        self._folder = folder
        self._kept = kept
        self._clock = clock
        # a name of its own, so that no file is written by two, and half a line of a crash stays the last of its file
        self._process = secrets.token_hex(4)
        self._file: Appender | None = None

    def open(self) -> None:
        """Makes the folder. Only at the start: one that is gone later may be a volume that is not mounted."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def append(self, line: bytes) -> None:
        """Returns once ``line`` is on the disk."""
        file = self._this_months()
        file.append(line)
        if not file.in_place:
            raise OSError("the file was removed while it was written")

    def retire(self) -> int:
        """Removes the files whose whole month is too old; how many."""
        oldest = (self._clock().astimezone(UTC) - self._kept).date()
        old = [path for after, path in files(self._folder) if after <= oldest]
        for path in old:
            path.unlink(missing_ok=True)
        if old:
            _log.info("feedback_retired", files=[path.name for path in old])
        return len(old)

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _this_months(self) -> Appender:
        path = file_of(self._folder, self._process, self._clock())
        if self._file and (self._file.path != path or not self._file.in_place):
            self.close()
        if self._file is None:
            self._file = Appender(path)
        return self._file
