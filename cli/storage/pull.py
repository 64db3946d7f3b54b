"""Brings what is missing or differs from the storage into the model path, a unit at a time, whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cli import show
from cli.show import Failure
from cli.storage.bring import Bringer, Refused
from cli.storage.download import part_of
from cli.storage.progress import Progress
from cli.storage.record import Record
from cli.storage.store import Blob, BlobError, Changed, Store
from cli.storage.units import Unit, find_units

_HOME = ".storage"
_MOST_BLOBS = 20_000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass
class Outcome:
    """The names of units; of the refused ones why, too. ``strange``: of blobs that are no model's."""

    fetched: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def pull(
    store: Store,
    models: Path,
    services: Collection[str],
    progress: Progress,
    outcome: Outcome,
    *,
    replace: bool = False,
) -> None:
    """The models of ``services``. ``replace``: also what is here, differs, and was not fetched.

    Raises StorageError when no more can be had, Failure when nothing can be kept; ``outcome`` has what was done so far.
    """
    with _workspace(models) as work:
        changed = _round(store, models, work, services, progress, replace, outcome, None)
        if changed:  # somebody uploads right now: once more, from a new list
            _round(store, models, work, services, progress, replace, outcome, changed)


def _round(
    store: Store,
    models: Path,
    work: Path,
    services: Collection[str],
    progress: Progress,
    replace: bool,
    outcome: Outcome,
    only: Collection[str] | None,
) -> set[str]:
    """The units that changed while they were fetched."""
    units, outcome.strange = _list(store, work)
    bringer = Bringer(store, models, work, Record(work / "fetched.json"), progress, replace=replace)
    changed = set()
    for unit in units:
        if unit.service not in services or (only is not None and unit.name not in only):
            continue
        try:
            fetched = _bring(bringer, unit, work)
        except Changed as error:
            changed.add(unit.name)
            outcome.refused[unit.name] = str(error)
        except (BlobError, Refused) as error:
            outcome.refused[unit.name] = str(error)
        else:
            outcome.refused.pop(unit.name, None)
            (outcome.fetched if fetched else outcome.current).append(unit.name)
    return changed


def _bring(bringer: Bringer, unit: Unit, work: Path) -> bool:
    try:
        return bringer.bring(unit)
    except OSError as error:
        if error.errno in _FULL:
            for blob in unit.blobs.values():
                part_of(work / "parts", blob).unlink(missing_ok=True)
            raise Refused("the disk is full; what was fetched of it is removed") from error
        raise Refused(error.strerror or type(error).__name__) from error


def _list(store: Store, work: Path) -> tuple[list[Unit], list[str]]:
    """What the storage holds. Parts of what it holds no longer go."""
    blobs = list(islice(store.blobs(), _MOST_BLOBS + 1))
    if len(blobs) > _MOST_BLOBS:
        raise Failure(f"{store.where} holds more than {_MOST_BLOBS} blobs; a container for models alone is wanted")
    _forget(work / "parts", blobs)
    return find_units(blobs)


def _forget(parts: Path, blobs: list[Blob]) -> None:
    known = {part_of(parts, blob) for blob in blobs}
    for path in parts.iterdir():
        if path not in known:
            path.unlink()


@contextmanager
def _workspace(models: Path) -> Iterator[Path]:
    """A hidden folder beside the bundles, for one pull at a time: from there a rename puts things in place."""
    work = models / _HOME
    try:
        (work / "parts").mkdir(parents=True, exist_ok=True)
        lock = os.open(work / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Failure(f"{models} cannot be written: {error.strerror}") from error
    try:
        _wait_for(lock, models)
        shutil.rmtree(work / "stage", ignore_errors=True)  # of a pull that was killed
        (work / "stage").mkdir()
        yield work
    finally:
        shutil.rmtree(work / "stage", ignore_errors=True)
        os.close(lock)


def _wait_for(lock: int, models: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        show.note(f"another pull to {models} is running; waiting for it …")
        fcntl.flock(lock, fcntl.LOCK_EX)
