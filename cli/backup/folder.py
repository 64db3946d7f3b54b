"""A folder of archives: one backup at a time, whole files only, and no more than are wanted."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from cli.backup import naming
from cli.backup.naming import Archive
from cli.show import Failure
from shared.audit.disk import private, sync_folder

LATEST = "latest"


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[None]:
    """Makes the folder, holds its lock, removes what killed backups left. Raises Failure."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(folder / ".doctorai-backup.lock", "ab", opener=private) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Failure(f"another backup to {folder} is running") from None
            for path in naming.leftovers(folder):
                path.unlink()
            yield
    except OSError as error:
        raise Failure(f"{error.filename or folder}: {error.strerror or error}") from None


@contextlib.contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name when all of it is on the disk, and else not at all; for its owner alone."""
    part = naming.part(path)
    part.unlink(missing_ok=True)
    try:
        with open(part, "xb", opener=private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def find(folder: Path, word: str) -> Archive:
    """The archive that ``word`` means: ``latest``, an id or a file's name. Raises Failure."""
    found = naming.archives(folder)
    if word == LATEST and found:
        return found[-1]
    for archive in found:
        if word in (archive.id, archive.path.name):
            return archive
    raise Failure(f"there is no archive {word} in {folder}")


def at(path: Path) -> Archive:
    """The archive that a file is, or the latest of a folder. Raises Failure."""
    if path.is_dir():
        return find(path, LATEST)
    archive = naming.named(path)
    if archive is None or not path.is_file():
        raise Failure(f"{path} is no archive of `doctorai backup`; keep the name that it was made with")
    return archive


def chain(archive: Archive) -> list[Archive]:
    """The archive, what it rests on, and so on to a full one. Raises Failure for one that is missing."""
    beside = {one.id: one for one in naming.archives(archive.path.parent)}
    found = [archive]
    while base := found[-1].base:
        if base not in beside:
            raise Failure(f"{found[-1].path.name} rests on the archive {base}, which is not beside it")
        if beside[base] in found:
            raise Failure(f"{archive.path.name} rests on itself")
        found.append(beside[base])
    return found


def retire(folder: Path, keep_days: int, now: datetime) -> list[Path]:
    """Removes archives that are older; never the last full one, nor what a kept one rests on. The removed ones."""
    found = naming.archives(folder)
    oldest = now - timedelta(days=keep_days)
    last_full = [archive for archive in found if not archive.base][-1:]
    needed = {archive.id for archive in [*last_full, *(one for one in found if one.time >= oldest)]}
    for archive in reversed(found):  # a base is older than what rests on it
        if archive.id in needed and archive.base:
            needed.add(archive.base)
    gone = [archive for archive in found if archive.id not in needed]
    for archive in reversed(gone):  # one that is missed when this is interrupted must be the base of none
        archive.path.unlink()
        archive.catalog.unlink(missing_ok=True)
    return [archive.path for archive in gone]
