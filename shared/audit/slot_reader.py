"""One slot from its end: the lines that fit what is asked."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import NamedTuple

from shared.audit.asked import Asked
from shared.audit.backwards import blocks_before, lines_of
from shared.audit.chain import LONGEST_LINE, Line, NotALine, fault, looks_whole, parse
from shared.audit.places import DayFile, day_files
from shared.audit.read import time_of
from shared.audit.when import believed_time, end_of, time_in


class Place(NamedTuple):
    """In the file of ``day``, before byte ``offset``."""

    day: date
    offset: int


class Found(NamedTuple):
    """A line that fits. ``problem``: why it is not to be believed; without a ``line`` it could not be read, and
    ``time`` is about when it was written."""

    time: datetime
    slot: int
    line: Line | None
    problem: str | None


class Budget:
    """How many bytes may still be read."""

    def __init__(self, left: int) -> None:
        self.left = left


class SlotReader:
    """``found``: the next line that fits. ``place``: up to where the slot is still to be read, None at its end."""

    def __init__(
        self, folder: Path, slot: int, place: Place | None, asked: Asked, keys: Mapping[str, bytes], budget: Budget
    ) -> None:
        self.slot = slot
        self.found: Found | None = None
        self._asked, self._keys, self._budget = asked, keys, budget
        self._files = _files(folder, slot, asked)
        self.place = place or _start(self._files, asked.until, keys)
        self._found_at = self.place
        self._time: datetime | None = None
        self._lines = self._read()

    def seek(self) -> None:
        """Reads up to the next line that fits, or as far as the budget allows."""
        for place, raw, may_fit in self._lines:
            self._budget.left -= len(raw)
            self.found, self._found_at = self._look(place, raw) if may_fit else None, place
            if self.found:
                return
            self.place = place
            if self._budget.left <= 0:
                return
        self.place = None

    def take(self) -> Found:
        """The line that was found; reads on behind it."""
        assert self.found is not None  # noqa: S101 - the caller has looked
        found, self.found, self.place = self.found, None, self._found_at
        return found

    def _read(self) -> Iterator[tuple[Place, bytes, bool]]:
        """Every line before ``place``, until they are too old; False with several in one piece of which none fits."""
        start = self.place
        for day, path in reversed(self._files):
            if start is None or day > start.day:
                continue
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:  # it may have been retired
                end = start.offset if day == start.day else os.fstat(file.fileno()).st_size
                for begin, block in blocks_before(file, end):
                    for offset, raw, may_fit in self._split(begin, block):
                        yield Place(day, offset), raw, may_fit
                        if self._is_over(raw):
                            return

    def _split(self, begin: int, block: bytes) -> Iterator[tuple[int, bytes, bool]]:
        if self._asked.may_fit(block) or not looks_whole(block):
            return ((offset, raw, True) for offset, raw in lines_of(begin, block))
        return iter([(begin, block, False)])

    def _is_over(self, raw: bytes) -> bool:
        """Whether what was written before is too old, by the word of a line that can be believed."""
        if self._asked.since is None:
            return False
        oldest = raw[: raw.find(b"\n") + 1]
        time = time_in(oldest)
        return time is not None and self._asked.is_over(time) and believed_time(oldest, self._keys) is not None

    def _look(self, place: Place, raw: bytes) -> Found | None:
        if not looks_whole(raw):
            return self._parse(place, raw)
        if self._asked.is_timed and (time := time_in(raw)):
            self._time = time
            if not self._asked.is_in_time(time):
                return None
        return self._parse(place, raw) if self._asked.may_fit(raw) else None

    def _parse(self, place: Place, raw: bytes) -> Found | None:
        try:
            line = parse(raw)
        except NotALine as error:
            time = self._time or datetime.combine(place.day, clock.max, UTC)
            return self._if_in_time(Found(time, self.slot, None, f"{self._name(place)}: {_why(raw, error)}"))
        self._time = time_of(line) or self._time
        time = self._time or datetime.combine(place.day, clock.max, UTC)
        problem = fault(line, self._keys) if self._keys else None
        return self._if_in_time(Found(time, self.slot, line, problem)) if self._asked.fits(line) else None

    def _if_in_time(self, found: Found) -> Found | None:
        return found if self._asked.is_in_time(found.time) else None

    def _name(self, place: Place) -> str:
        path = next(path for day, path in self._files if day == place.day)
        return f"{path.name}, at byte {place.offset}"


def _files(folder: Path, slot: int, asked: Asked) -> list[DayFile]:
    """Those that may hold something young enough; a day's grace as in ``retention.is_of_its_day``."""
    found = day_files(folder, slot)
    if asked.since is None:
        return found
    oldest = asked.since.date() - timedelta(days=1)
    return [file for file in found if file.day >= oldest]


def _start(files: list[DayFile], until: datetime | None, keys: Mapping[str, bytes]) -> Place | None:
    """Behind the last line that is old enough; None when there is none."""
    for day, path in reversed(files):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            if offset := end_of(file, until, keys):
                return Place(day, offset)
    return None


def _why(raw: bytes, error: NotALine) -> str:
    if raw.endswith(b"\n") or len(raw) >= LONGEST_LINE:
        return str(error)
    return "is not whole: it is torn, or being written at this moment"
