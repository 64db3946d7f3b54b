"""What the verification of a log found."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

_MOST = 1000
"""A log that was rewritten from end to end must not fill the memory with its problems."""


class Problem(BaseModel):
    """Something that the log's own writer did not do. ``line`` 0: the file as a whole."""

    file: str
    line: int
    what: str


class Report(BaseModel):
    """How much was looked at, and every problem (the first thousand; ``more`` counts the rest)."""

    lines: int = 0
    files: int = 0
    slots: int = 0
    first: datetime | None = None
    last: datetime | None = None
    problems: list[Problem] = []
    more: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems

    def add(self, file: str, line: int, what: str) -> None:
        if len(self.problems) < _MOST:
            self.problems.append(Problem(file=file, line=line, what=what))
        else:
            self.more += 1

    def saw(self, time: datetime) -> None:
        self.first = min(self.first or time, time)
        self.last = max(self.last or time, time)
