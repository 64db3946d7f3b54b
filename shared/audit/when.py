"""When lines were written, and where in a file a time is. Nobody's word counts but the log's own."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import BinaryIO

from shared.audit.asked import SLACK
from shared.audit.chain import LONGEST_LINE, NotALine, fault, parse
from shared.audit.read import time_of

_LATE = datetime.max.replace(tzinfo=UTC)
_TRIES = 20
"""Lines in a row among which one to be believed is looked for."""


def end_of(file: BinaryIO, until: datetime | None, keys: Mapping[str, bytes]) -> int:
    """Where the lines begin that are too young: behind a line, or at 0 when all are."""
    size = os.fstat(file.fileno()).st_size
    if until is None:
        return size
    if _time_from(file, 0, keys) == _LATE:  # nothing to go by: it must be read
        return size
    offset = bisect_left(range(size), until + SLACK, key=lambda at: _time_from(file, at, keys))
    if 0 < offset < size:
        file.seek(offset)
        file.readline(LONGEST_LINE)
        return file.tell()
    return offset


def _time_from(file: BinaryIO, offset: int, keys: Mapping[str, bytes]) -> datetime:
    """Of the first line to be believed that begins behind ``offset``, or there when it is 0."""
    file.seek(offset)
    if offset:
        file.readline(LONGEST_LINE)
    for _ in range(_TRIES):
        raw = file.readline(LONGEST_LINE)
        if not raw:
            break
        if time := believed_time(raw, keys):
            return time
    return _LATE


def believed_time(raw: bytes, keys: Mapping[str, bytes]) -> datetime | None:
    """What a line says that was signed; of any line, without ``keys``."""
    try:
        line = parse(raw)
    except NotALine:
        return None
    return None if keys and fault(line, keys) else time_of(line)


def time_in(raw: bytes) -> datetime | None:
    """The time that a line says, without reading the rest: the last of its event's fields."""
    start = raw.rfind(b'"time":"') + 8
    try:
        return datetime.fromisoformat(raw[start : raw.index(b'"', start)].decode()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
