"""The end of a file of lines: what the last one says, and whether a crash tore it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO

from shared.audit.chain import Line, NotALine, parse
from shared.audit.disk import private
from shared.audit.places import torn_path

_CHUNK = 1 << 16


def last_line(path: Path) -> Line | None:
    """The last line when it is one; its signature is not looked at."""
    with path.open("rb") as file:
        file.seek(_start_of_last(file))
        try:
            return parse(file.read())
        except NotALine:
            return None


def cut_torn(path: Path) -> int:
    """Moves a torn last line into a file of its own; how many bytes that were."""
    with open(path, "r+b", opener=private) as file:
        start = _start_of_last(file)
        file.seek(start)
        if not _is_torn(file.read()):
            return 0
        file.seek(start)
        with open(torn_path(path), "ab", opener=private) as torn:
            shutil.copyfileobj(file, torn)
            torn.flush()
            os.fsync(torn.fileno())
            size = file.tell() - start
        file.truncate(start)
        os.fsync(file.fileno())
        return size


def _is_torn(raw: bytes) -> bool:
    """True for what a write that was cut off leaves; a line that somebody edited is left where it is."""
    if not raw:
        return False
    try:
        parse(raw)
    except NotALine as error:
        return not raw.endswith(b"\n") or str(error) == "is not JSON"
    return False


def _start_of_last(file: IO[bytes]) -> int:
    """Where the last line begins: after the last newline that is not the file's last byte."""
    end = max(0, file.seek(0, os.SEEK_END) - 1)
    while end > 0:
        start = max(0, end - _CHUNK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
