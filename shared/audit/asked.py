"""Which lines somebody asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from shared.audit.chain import Line, canonical

SLACK = timedelta(hours=1)
"""A line may be older than the one before it: events wait while the disk is full, and clocks are put back."""
_FIELDS = ("action", "outcome", "subject", "model", "request_id")


@dataclass(frozen=True)
class Asked:
    """From ``since``, before ``until``; of the other fields each that is given must be equal."""

    since: datetime | None = None
    until: datetime | None = None
    action: str | None = None
    outcome: str | None = None
    subject: str | None = None
    model: str | None = None
    request_id: str | None = None

    @cached_property
    def wanted(self) -> dict[str, str]:
        """Field → its value."""
        return {name: value for name in _FIELDS if (value := getattr(self, name)) is not None}

    @cached_property
    def _words(self) -> list[bytes]:
        return [canonical({name: value})[1:-1] for name, value in self.wanted.items()]

    @property
    def is_timed(self) -> bool:
        return bool(self.since or self.until)

    def may_fit(self, raw: bytes) -> bool:
        """False for whole lines of which surely none does: many times as fast as to read them."""
        return all(word in raw for word in self._words)

    def fits(self, line: Line) -> bool:
        """Whether its fields are those that are wanted; times apart."""
        return all(line.event.get(name) == value for name, value in self.wanted.items())

    def is_in_time(self, time: datetime) -> bool:
        return (not self.since or time >= self.since) and (not self.until or time < self.until)

    def is_over(self, time: datetime) -> bool:
        """Whether what was written before a line of ``time`` is too old."""
        return self.since is not None and time < self.since - SLACK
