"""Where a slot's chain goes on, and what is to be told about how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from shared.audit.chain import START, End, Line, fault
from shared.audit.head import BadHead, read_head
from shared.audit.places import day_files
from shared.audit.tail import cut_torn, last_line

TORN = "a torn line was moved away"
NO_HEAD = "the log was continued without a head that could be believed"
BEYOND = "the end of the log was not what the head says"


@dataclass
class Resumed:
    """The end to go on from, the last file's day, and the details of the events that tell what was amiss."""

    end: End = START
    day: date | None = None
    notes: list[dict[str, str]] = field(default_factory=list)


def resume(folder: Path, slot: int, keys: Mapping[str, bytes], remembered: End | None = None) -> Resumed:
    """Reads the end of ``slot``. ``remembered``: what this process wrote before it lost the folder."""
    found = Resumed()
    line = _last(folder, slot, found)
    trusted = line is not None and fault(line, keys) is None
    head = _head(folder, slot, keys, found, is_new=line is None and found.day is None)
    known = max((end for end in (head, remembered) if end), default=None)
    if known is None:
        found.end = line.end if line else START
    elif line is None or not trusted or line.seq < known.seq or (line.seq == known.seq and line.hash != known.hash):
        found.end = known
        _note_gap(found, line, known)
    else:
        found.end = line.end
    return found


def _last(folder: Path, slot: int, found: Resumed) -> Line | None:
    """The last line of the slot's files, after a torn one was moved away."""
    for day, path in reversed(day_files(folder, slot)):
        found.day = found.day or day
        if size := cut_torn(path):
            found.notes.append({"what": TORN, "file": path.name, "bytes": str(size)})
        if path.stat().st_size:
            return last_line(path)
    return None


def _head(folder: Path, slot: int, keys: Mapping[str, bytes], found: Resumed, *, is_new: bool) -> End | None:
    try:
        return read_head(folder, slot, keys)
    except BadHead as error:
        if not is_new:
            found.notes.append({"what": NO_HEAD, "why": str(error)})
        return None


def _note_gap(found: Resumed, line: Line | None, known: End) -> None:
    if line is None and known == START:
        return
    reached = str(line.seq) if line else "none"
    found.notes.append({"what": BEYOND, "known_seq": str(known.seq), "found_seq": reached})
