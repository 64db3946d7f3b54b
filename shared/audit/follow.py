"""Follows the chain of one slot through its files, and judges at the end what did not follow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from shared.audit.chain import LONGEST_LINE, START, End, Line, NotALine, fault, parse
from shared.audit.head import BadHead, read_head
from shared.audit.places import DayFile, day_files, head_path
from shared.audit.read import is_being_written, raw_lines, time_of
from shared.audit.report import Report
from shared.audit.resume import NO_HEAD
from shared.audit.retention import is_of_its_day, retired_by, retirements


class _Jump(NamedTuple):
    """A file whose first line does not follow the file before: right if its predecessor was retired."""

    file: str
    expected: End
    line: Line


class Follower:
    """Follows one chain."""

    def __init__(self, folder: Path, slot: int, keys: Mapping[str, bytes], report: Report, patience_s: float) -> None:
        self._folder, self._slot, self._keys = folder, slot, keys
        self._report = report
        self._patience_s = patience_s
        self._head: End | None = None
        self._head_seen = False
        self._first: Line | None = None
        self._end = START
        self._jumps: list[_Jump] = []
        self._retired: set[End] = set()

    def follow(self) -> None:
        """Reads every line once, and adds what is wrong to the report."""
        if not head_path(self._folder, self._slot).exists():
            time.sleep(self._patience_s)  # a slot that is being opened has its head in a moment
        self._read_head()  # before the lines: it may be behind them then, but never ahead
        files = day_files(self._folder, self._slot)
        for file in files:
            self._read(file, is_last=file is files[-1])
        self._judge_jumps(files)
        self._judge_head()

    def _read_head(self) -> None:
        try:
            self._head = read_head(self._folder, self._slot, self._keys)
        except BadHead as error:
            self._head_problem(str(error))

    def _read(self, file: DayFile, *, is_last: bool) -> None:
        size = 0
        try:
            for number, raw in enumerate(raw_lines(file.path), 1):
                size += len(raw)
                if is_last and _is_cut(raw) and is_being_written(file.path, size, self._patience_s):
                    break
                self._report.lines += 1
                self._take(file, number, raw)
        except FileNotFoundError:
            return  # retired since it was listed; the chain tells if it was not
        self._report.files += 1

    def _take(self, file: DayFile, number: int, raw: bytes) -> None:
        try:
            line = parse(raw)
        except NotALine as error:
            self._report.add(file.path.name, number, "is torn" if _is_cut(raw) else str(error))
            return
        if found := fault(line, self._keys):
            self._report.add(file.path.name, number, found)
        else:
            self._believe(file, number, line)
        self._place(file.path.name, number, line)

    def _believe(self, file: DayFile, number: int, line: Line) -> None:
        """Takes in what a line says that is surely ours."""
        if said := time_of(line):
            self._report.saw(said)
        if not is_of_its_day(line.event, file.day):
            self._report.add(file.path.name, number, "is in the file of an earlier day")
        if retired := retired_by(line):
            self._retired.add(retired)
        detail = line.event.get("detail", {})
        if line.event.get("action") == "recovered" and detail.get("what") == NO_HEAD:
            self._report.add(file.path.name, number, f"{NO_HEAD}: {detail['why']}")

    def _place(self, file: str, number: int, line: Line) -> None:
        """Compares the line's place in the chain with its place in the files."""
        if (line.seq - 1, line.prev) != self._end:
            if number == 1:
                self._jumps.append(_Jump(file, self._end, line))
            else:
                self._report.add(file, number, _misplaced(line, self._end))
        self._first = self._first or line
        self._end = line.end
        self._head_seen = self._head_seen or self._end == self._head

    def _judge_jumps(self, files: list[DayFile]) -> None:
        if self._unannounced():
            self._look_again(files)
        for file, expected, line in self._unannounced():
            self._report.add(file, 1, _misplaced(line, expected))

    def _unannounced(self) -> list[_Jump]:
        return [jump for jump in self._jumps if End(jump.line.seq - 1, jump.line.prev) not in self._retired]

    def _look_again(self, files: list[DayFile]) -> None:
        """A file may have been retired while the others were read; then that was announced behind what was read."""
        for file in day_files(self._folder, self._slot):
            if file.day >= files[-1].day:
                self._retired.update(retirements(file.path, self._keys))

    def _judge_head(self) -> None:
        head, first = self._head, self._first
        if head is None or self._head_seen:
            return
        if head.seq > self._end.seq:
            self._head_problem(f"the log ends at {self._end.seq}, but reached {head.seq}: its end was removed")
        elif head != (End(first.seq - 1, first.prev) if first else START):
            self._head_problem("the head does not belong to these lines")

    def _head_problem(self, what: str) -> None:
        self._report.add(head_path(self._folder, self._slot).name, 0, what)


def _is_cut(raw: bytes) -> bool:
    """Whether the file ends in the middle of this line; a piece of one that is too long is not such an end."""
    return not raw.endswith(b"\n") and len(raw) < LONGEST_LINE


def _misplaced(line: Line, expected: End) -> str:
    wanted = expected.seq + 1
    if line.seq == wanted:
        return "does not follow the line before it"
    if line.seq < wanted:
        return f"is line {line.seq} where {wanted} belongs: repeated or moved"
    return f"is line {line.seq} where {wanted} belongs: lines were removed or moved"
