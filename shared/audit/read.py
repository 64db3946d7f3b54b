"""Reads the log line by line, for the verification and the export."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from shared.audit.chain import LONGEST_LINE, Line, NotALine, parse
from shared.audit.places import day_files, slots

_POLL_S = 0.05
_NO_TIME = datetime.min.replace(tzinfo=UTC)


class Entry(NamedTuple):
    """A line, where it stands, and its bytes as they are in the file."""

    time: datetime
    slot: int
    line: Line
    raw: bytes


def entries(folder: Path, since: datetime | None = None, until: datetime | None = None) -> Iterator[Entry]:
    """The lines of all slots, merged by time: from ``since``, before ``until``. Damaged ones are left out."""
    merged = heapq.merge(*(_slot_entries(folder, slot) for slot in slots(folder)), key=lambda entry: entry.time)
    return (entry for entry in merged if (not since or entry.time >= since) and (not until or entry.time < until))


def raw_lines(path: Path) -> Iterator[bytes]:
    """The lines with their newlines. Without one: the file ends there, or the line is longer than any of ours."""
    with path.open("rb") as file:
        while raw := file.readline(LONGEST_LINE):
            yield raw


def time_of(line: Line) -> datetime | None:
    try:
        return datetime.fromisoformat(str(line.event.get("time"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_being_written(path: Path, size: int, patience_s: float) -> bool:
    """Whether a file whose ``size`` bytes end in half a line goes on, or is cut, within ``patience_s``."""
    tries = 1 + int(patience_s / _POLL_S)
    for left in reversed(range(tries)):
        if path.stat().st_size != size:
            return True
        if left:
            time.sleep(_POLL_S)
    return False


def _slot_entries(folder: Path, slot: int) -> Iterator[Entry]:
    for _, path in day_files(folder, slot):
        for raw in raw_lines(path):
            try:
                line = parse(raw)
            except NotALine:
                continue
            yield Entry(time_of(line) or _NO_TIME, slot, line, raw)
