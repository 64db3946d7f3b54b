"""What the standard library's files do not promise: whole writes, durable names, files that are still in place."""

from __future__ import annotations

import os
from pathlib import Path


def write_all(opened: int, data: bytes) -> None:
    """Writes all of ``data``; a disk that takes only a part raises OSError at the next part."""
    left = memoryview(data)
    while left:
        left = left[os.write(opened, left) :]


def sync_folder(folder: Path) -> None:
    """Makes the names that were added or removed survive a loss of power."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def is_at(opened: int, path: Path) -> bool:
    """Whether ``path`` still names the file that is open."""
    try:
        return os.path.samestat(os.fstat(opened), path.stat())
    except FileNotFoundError:
        return False


def private(path: str, flags: int) -> int:
    """An ``opener``: for nobody else's eyes, and never through a link that somebody planted."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
