"""The names of archives. They tell what retention must know, so that it opens none.

``doctorai-<time>-<id>-full.tar.gz``         a full one
``doctorai-<time>-<id>-on-<id>.tar.gz``      an incremental one, and what it rests on
``….tar.gz.age``, ``….tar.gz.pass``          encrypted, to a public key or with a passphrase
``….json``                                   beside it: what it holds, for incremental ones that come later
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_TIME = "%Y%m%dT%H%M%SZ"
_STEM = r"doctorai-(?P<time>\d{8}T\d{6}Z)-(?P<id>[0-9a-f]{16})-(?:full|on-(?P<base>[0-9a-f]{16}))"
_NAME = re.compile(rf"(?P<stem>{_STEM})\.tar\.gz(?P<lock>\.age|\.pass)?")
_CATALOG = re.compile(rf"{_STEM}\.json")
_PART = re.compile(r"\.doctorai-[\w.-]+\.part")


@dataclass(frozen=True)
class Archive:
    """An archive by its name alone."""

    path: Path
    time: datetime
    id: str
    base: str | None
    lock: str

    @property
    def catalog(self) -> Path:
        return catalog_of(self.path)


def catalog_of(path: Path) -> Path:
    """Of the archive at ``path``."""
    return path.with_name(path.name.partition(".")[0] + ".json")


def named(path: Path) -> Archive | None:
    """What the name says; None for a file that is not ours."""
    match = _NAME.fullmatch(path.name)
    try:
        time = datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC) if match else None
    except ValueError:
        return None
    return Archive(path, time, match["id"], match["base"], match["lock"] or "") if match and time else None


def name(time: datetime, identifier: str, base: str | None, lock: str) -> str:
    """The name of a new archive; ``lock``: ``.age``, ``.pass`` or nothing."""
    kind = f"on-{base}" if base else "full"
    return f"doctorai-{time.astimezone(UTC).strftime(_TIME)}-{identifier}-{kind}.tar.gz{lock}"


def archives(folder: Path) -> list[Archive]:
    """Ours in ``folder``, oldest first. A folder that is not there has none."""
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted((found for path in paths if (found := named(path))), key=lambda one: (one.time, one.id))


def part(path: Path) -> Path:
    """The name that a file has until it is whole."""
    return path.with_name(f".{path.name}.part")


def leftovers(folder: Path) -> list[Path]:
    """What backups that were killed left: parts, and catalogs of archives that never came to be."""
    whole = {archive.catalog for archive in archives(folder)}
    return [
        path
        for path in folder.iterdir()
        if _PART.fullmatch(path.name) or (_CATALOG.fullmatch(path.name) and path not in whole)
    ]
