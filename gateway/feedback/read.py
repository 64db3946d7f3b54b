"""Reads the files of feedback: of each user's words on each prediction the newest, in the order of their times.

Twice over the files, so that what is held in memory is where a line is, and not the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError

from gateway.feedback.places import files
from gateway.feedback.record import Line
from shared.logs import get_logger

_log = get_logger(__name__)
_LONGEST_LINE = 1 << 16
"""Bytes; a note of 2,000 characters takes at most 16,000 of them, sealed and in hexadecimal."""
Wanted = Callable[[Line], bool]


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where a line is. The order is that of the times."""

    time: datetime
    path: Path
    offset: int


def newest(folder: Path, wanted: Wanted) -> list[Place]:
    """Where the lines are that count, among those that are ``wanted``. Raises OSError."""
    found: dict[bytes, Place] = {}
    for _, path in files(folder):
        for offset, line in _lines(path):
            place = Place(line.time, path, offset)
            if wanted(line) and (line.about not in found or found[line.about] < place):
                found[line.about] = place
    return sorted(found.values())


def lines_at(places: Iterable[Place]) -> Iterator[Line]:
    """The lines themselves; those of a file that has been removed meanwhile are left out."""
    for path, group in groupby(places, key=lambda place: place.path):
        try:
            with path.open("rb") as file:
                for place in group:
                    file.seek(place.offset)
                    if line := _parse(file.readline(_LONGEST_LINE)):
                        yield line
        except FileNotFoundError:
            continue


def _lines(path: Path) -> Iterator[tuple[int, Line]]:
    """Each line with its offset; what is damaged, or half written, is left out."""
    damaged = offset = 0
    try:
        with path.open("rb") as file:
            while raw := file.readline(_LONGEST_LINE):
                if line := _parse(raw):
                    yield offset, line
                else:
                    damaged += 1
                offset += len(raw)
    except FileNotFoundError:  # retention has removed it
        return
    if damaged:
        _log.warning("feedback_lines_damaged", file=path.name, lines=damaged)


def _parse(raw: bytes) -> Line | None:
    try:
        return Line.model_validate_json(raw) if raw.endswith(b"\n") else None
    except ValidationError:
        return None
