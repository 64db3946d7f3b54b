"""Puts files in the place of others, all or none: everything is written beside first, then names change.

In each folder, until the end of a restore:

``.doctorai-restore/new/``      what comes
``.doctorai-restore/names``     its first names, one a line: what must go if it does not stay
``.doctorai-restore/leaving/``  what was there, while it is being moved away
``.doctorai-restore/old/``      what was there, all of it: what lies in its place is new
``.doctorai-restore/done/``     the same, when every folder has got that far: there is no way back any more
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from cli.backup.manifest import Entry
from cli.tools import sha256_of
from shared.audit.disk import private, sync_folder

STAGE = ".doctorai-restore"


@dataclass(frozen=True)
class Target:
    """``folder`` is to hold ``files`` (path in it → entry), and nothing else whose first name fits ``owned``."""

    folder: Path
    owned: tuple[str, ...]
    files: dict[str, Entry]

    @property
    def stage(self) -> Path:
        return self.folder / STAGE

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(entry.size for entry in self.files.values())

    def present(self) -> list[Path]:
        """What is there now, of what would be replaced."""
        if not self.folder.is_dir():
            return []
        names = (path for path in self.folder.iterdir() if path.name != STAGE)
        return sorted(path for path in names if any(fnmatchcase(path.name, pattern) for pattern in self.owned))

    def is_in_use(self) -> bool:
        """Whether something would be lost: a file with anything in it that is not what is to come."""
        return any(
            path.lstat().st_size and not self._is_right(name, path) for name, path in self._present_files().items()
        )

    def differs(self) -> bool:
        """Whether what is there is not what is to come."""
        found = self._present_files()
        return found.keys() != self.files.keys() or not all(self._is_right(name, found[name]) for name in found)

    def _present_files(self) -> dict[str, Path]:
        return {path.relative_to(self.folder).as_posix(): path for path in _files(self.present())}

    def _is_right(self, name: str, path: Path) -> bool:
        return name in self.files and _is(path, self.files[name])


def make_folder(folder: Path) -> None:
    """With the owner of the folder that it is made in. Raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir()
        _give(folder, folder.parent.stat())


def stage(target: Target) -> None:
    """Makes the place for what comes. Raises OSError."""
    make_folder(target.folder)
    (target.stage / "new").mkdir(mode=0o700, parents=True)
    sync_folder(target.folder)


def write(target: Target, name: str, chunks: Iterable[bytes]) -> None:
    """Writes a file of ``target`` to the stage, durably, with the mode of its entry. Raises OSError."""
    path = target.stage / "new" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb", opener=private) as file:
        file.writelines(chunks)
        file.flush()
        os.fchmod(file.fileno(), target.files[name].mode & 0o644)
        os.fsync(file.fileno())


def settle(target: Target) -> None:
    """Before the exchange: what is staged gets the owner of the folder, and survives a loss of power."""
    owner = target.folder.stat()
    with open(target.stage / "names", "x", encoding="utf-8", opener=private) as file:
        file.writelines(f"{path.name}\n" for path in (target.stage / "new").iterdir())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(target.stage)
    for place, _, files in os.walk(target.stage / "new"):
        if Path(place) != target.stage / "new":
            os.chmod(place, 0o755)  # noqa: S103 - bundles are for every service
        sync_folder(Path(place))
        for path in (Path(place), *(Path(place, name) for name in files)):
            _give(path, owner)


def exchange(target: Target) -> None:
    """Moves away what is there, then in what comes. Raises OSError; ``end_interrupted`` brings back what was."""
    leaving = target.stage / "leaving"
    leaving.mkdir()
    for path in target.present():
        path.rename(leaving / path.name)
    sync_folder(leaving)
    leaving.rename(target.stage / "old")
    sync_folder(target.stage)
    for path in (target.stage / "new").iterdir():
        path.rename(target.folder / path.name)
    sync_folder(target.folder)


def finish(targets: Sequence[Target]) -> None:
    """The restore counts from the first name that changes here; then what was aside is removed. Raises OSError."""
    for target in targets:
        (target.stage / "old").rename(target.stage / "done")
        sync_folder(target.stage)
    _clear(targets)


def end_interrupted(targets: Sequence[Target]) -> str | None:
    """After a restore that did not end: what was there comes back, or the rest is done. What it was; None: nothing.

    Raises OSError; it can be called again.
    """
    left = [target for target in targets if target.stage.is_dir()]
    if not left:
        return None
    counts = any((target.stage / "done").is_dir() for target in left)
    if not counts:
        for target in left:
            _bring_back(target)
    _clear(left)
    return "completed" if counts else "undone"


def _bring_back(target: Target) -> None:
    old, leaving = target.stage / "old", target.stage / "leaving"
    if old.is_dir():
        for name in (target.stage / "names").read_text(encoding="utf-8").splitlines():
            if not (target.stage / "new" / name).exists():
                _remove(target.folder / name)
        old.rename(leaving)
    if leaving.is_dir():
        for path in leaving.iterdir():
            path.rename(target.folder / path.name)
        sync_folder(target.folder)


def _clear(targets: Sequence[Target]) -> None:
    for target in reversed(targets):  # the first is what `doctorai up` looks for
        shutil.rmtree(target.stage)
        sync_folder(target.folder)


def _give(path: Path, owner: os.stat_result) -> None:
    """To the owner of the volume: the root of a container restores what other users own."""
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from _files(path.iterdir())
        else:
            yield path


def _is(path: Path, entry: Entry) -> bool:
    if path.is_symlink() or path.stat().st_size != entry.size:
        return False
    return sha256_of(path) == entry.sha256
