"""A slot belongs to the process that holds its lock; several processes share a folder, each with a chain of its own."""

from __future__ import annotations

import fcntl
import os
from itertools import count
from pathlib import Path

from shared.audit.disk import is_at, private
from shared.audit.places import lock_path


class FileLock:
    """A file that is ours until ``release`` or the end of the process."""

    def __init__(self, path: Path, opened: int) -> None:
        self._path = path
        self._opened = opened

    @property
    def holds(self) -> bool:
        """False when somebody removed or replaced the file: another process may have locked the new one."""
        return is_at(self._opened, self._path)

    def release(self) -> None:
        os.close(self._opened)


class SlotLock(FileLock):
    """The lock of a slot."""

    def __init__(self, folder: Path, slot: int, opened: int) -> None:
        super().__init__(lock_path(folder, slot), opened)
        self.folder = folder
        self.slot = slot


def take_slot(folder: Path) -> SlotLock:
    """The first slot that nobody holds."""
    return next(lock for slot in count(1) if (lock := try_slot(folder, slot)))


def try_slot(folder: Path, slot: int) -> SlotLock | None:
    """The lock of ``slot``, or None when another process holds it."""
    opened = _try_open(lock_path(folder, slot))
    return None if opened is None else SlotLock(folder, slot, opened)


def try_lock(path: Path) -> FileLock | None:
    """The lock of ``path``, which is made if need be, or None when another process holds it."""
    opened = _try_open(path)
    return None if opened is None else FileLock(path, opened)


def _try_open(path: Path) -> int | None:
    opened = private(str(path), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    except OSError:
        os.close(opened)
        raise
    return opened
