"""Adds bytes to a file wholly or not at all, and durably."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from shared.audit.disk import is_at, private, sync_folder, write_all


class Appender:
    """An open file of lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened = private(str(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._cut: int | None = None
        """Where the file must be cut before anything is added: what lies behind is half a batch."""
        try:
            sync_folder(path.parent)
        except OSError:
            self.close()
            raise

    @property
    def in_place(self) -> bool:
        """False when the file was removed or replaced: what is written is lost then."""
        return is_at(self._opened, self.path)

    def append(self, data: bytes) -> None:
        """Raises OSError, and leaves the file as it was or cuts it at the next call."""
        self._mend()
        start = os.fstat(self._opened).st_size
        try:
            write_all(self._opened, data)
            os.fsync(self._opened)
        except OSError:
            self._cut = start
            with contextlib.suppress(OSError):
                self._mend()
            raise

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._mend()
        os.close(self._opened)

    def _mend(self) -> None:
        if self._cut is not None:
            os.ftruncate(self._opened, self._cut)
            self._cut = None
