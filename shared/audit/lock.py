"""A slot belongs to the process that holds its lock; several processes share a folder, each with a chain of its own."""

from __future__ import annotations

import fcntl
import os
from itertools import count
from pathlib import Path

from shared.audit.disk import is_at, private
from shared.audit.places import lock_path


class SlotLock:
    """A slot that is ours until ``release`` or the end of the process."""

    def __init__(self, folder: Path, slot: int, opened: int) -> None:
        self.folder = folder
        self.slot = slot
        self._opened = opened

    @property
    def holds(self) -> bool:
        """False when somebody removed or replaced the lock's file: another process may own the slot now."""
        return is_at(self._opened, lock_path(self.folder, self.slot))

    def release(self) -> None:
        os.close(self._opened)


def take_slot(folder: Path) -> SlotLock:
    """The first slot that nobody holds."""
    return next(lock for slot in count(1) if (lock := try_slot(folder, slot)))


def try_slot(folder: Path, slot: int) -> SlotLock | None:
    """The lock of ``slot``, or None when another process holds it."""
    opened = private(str(lock_path(folder, slot)), os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    except OSError:
        os.close(opened)
        raise
    return SlotLock(folder, slot, opened)
