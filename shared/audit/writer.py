"""Writes the chain of one slot: batches that are durable or not there, a head after each, a new file each UTC day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from shared.audit.appender import Appender
from shared.audit.chain import End, seal
from shared.audit.event import OK, AuditEvent
from shared.audit.head import write_head
from shared.audit.lock import SlotLock
from shared.audit.places import day_path
from shared.audit.resume import resume

Clock = Callable[[], datetime]


class Writer:
    """Goes on with the chain of the slot that ``lock`` holds. For one thread."""

    def __init__(self, lock: SlotLock, keys: Mapping[str, bytes], clock: Clock, remembered: End | None = None) -> None:
        self.folder, self.slot, self.keys = lock.folder, lock.slot, keys
        self._lock = lock
        self._clock = clock
        self._kid, self._key = next(iter(keys.items()))
        found = resume(self.folder, self.slot, keys, remembered)
        self.end = found.end
        self._day = found.day
        self._notes = found.notes
        self._file: Appender | None = None
        self._head_is_old = not found.notes
        self.save_head()

    @property
    def in_place(self) -> bool:
        """False when the folder, the lock or the file is not where it was: only opening the slot anew helps."""
        return self._lock.holds and (self._file is None or self._file.in_place)

    @property
    def today(self) -> date:
        """The UTC day; never before the last file's, so that a clock put back does not mix up the files' order."""
        today = self._clock().astimezone(UTC).date()
        return max(today, self._day) if self._day else today

    def append(self, events: Sequence[AuditEvent]) -> None:
        """Writes ``events`` durably, all or none. Raises OSError. ``save_head`` is to be called afterwards."""
        self._check_place()
        file = self._todays_file()
        lines, end = self._seal(events)
        file.append(b"".join(lines))
        self._check_place()
        self.end = end
        self._head_is_old = True

    def tell(self, action: str, *details: Mapping[str, str]) -> None:
        """Writes events about the log itself, one for each of ``details``."""
        common = {"time": self._clock(), "action": action, "outcome": OK}
        self.append([AuditEvent.model_validate({**common, "detail": dict(detail)}) for detail in details])

    def tell_what_was_found(self) -> None:
        """Writes what was amiss when the slot was opened, once."""
        while self._notes:
            self.tell("recovered", self._notes[0])
            self._notes.pop(0)

    def save_head(self) -> None:
        """Writes the head unless it is the one that is there. Raises OSError."""
        if self._head_is_old:
            write_head(self.folder, self.slot, self.end, self._kid, self._key)
            self._head_is_old = False

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._lock.release()

    def _seal(self, events: Sequence[AuditEvent]) -> tuple[list[bytes], End]:
        lines, end = [], self.end
        for event in events:
            line, end = seal(event, end, self._kid, self._key)
            lines.append(line)
        return lines, end

    def _todays_file(self) -> Appender:
        path = day_path(self.folder, self.slot, self.today)
        if self._file is None or self._file.path != path:
            fresh = Appender(path)
            if self._file:
                self._file.close()
            self._file, self._day = fresh, self.today
        return self._file

    def _check_place(self) -> None:
        if not self.in_place:
            raise FileNotFoundError(f"{self.folder}: the files were removed or replaced while they were written")
