"""A ``.keras`` file: a zip of three known members, unpacked only when they are just these and of honest size."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

from training.importing.errors import Refused

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = frozenset({CONFIG, WEIGHTS, "metadata.json"})
_LARGEST_TEXT = 64 << 20
_DENSEST = 16  # times that the weights may be larger than the archive


def check_archive(path: Path, scratch: Path) -> tuple[dict[str, Any], Path]:
    """The configuration, and the weights unpacked to ``scratch``. Raises Refused for any other zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), path.stat().st_size)
            config = json.loads(archive.read(CONFIG))
            return config, _unpack(archive, scratch)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, RecursionError) as error:
        raise Refused(f"{path.name} is no whole .keras file: {error}") from error


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = [member.filename for member in members]
    if foreign := sorted(set(names) - _MEMBERS):
        raise Refused(f"the .keras file holds {foreign[0]!r}, which no model of pictures needs")
    if len(names) != len(set(names)) or CONFIG not in names or WEIGHTS not in names:
        raise Refused(f"a .keras file holds {CONFIG} and {WEIGHTS} once each")
    for member in members:
        most = _DENSEST * size if member.filename == WEIGHTS else _LARGEST_TEXT
        if member.file_size > most:
            raise Refused(f"{member.filename} claims {member.file_size / 1e9:.1f} GB, more than the archive can hold")


def _unpack(archive: zipfile.ZipFile, scratch: Path) -> Path:
    target = scratch / WEIGHTS
    with archive.open(WEIGHTS) as source, target.open("wb") as file:
        # zipfile stops at the size that the member claims
        while chunk := source.read(1 << 20):
            file.write(chunk)
    return target
