"""The log's folder as one process writes it: opens a slot, loses and finds it again, keeps house. For one thread."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from pathlib import Path

from shared.audit.chain import End
from shared.audit.event import AuditEvent
from shared.audit.lock import SlotLock, take_slot, try_slot
from shared.audit.places import day_files, slots
from shared.audit.retention import retire
from shared.audit.writer import Clock, Writer
from shared.logs import get_logger

_log = get_logger(__name__)


class Store:
    """What the log is written through. Every call but ``close`` may raise OSError, and may be made again."""

    def __init__(self, folder: Path, keys: Mapping[str, bytes], retention_days: int, clock: Clock) -> None:
        if not keys or retention_days < 1:
            raise ValueError("the audit log needs a key, and at least one day of retention")
        self._folder = folder
        self._keys = dict(keys)
        self._kept = timedelta(days=retention_days)
        self._clock = clock
        self._writer: Writer | None = None
        self._remembered: dict[int, End] = {}
        self._cleaned: date | None = None
        make_folder(folder)

    def write(self, events: Sequence[AuditEvent]) -> None:
        """Writes ``events`` durably, all or none."""
        self._open().append(events)

    def tell(self, detail: Mapping[str, str]) -> None:
        """Writes that the log is whole again after trouble."""
        self._open().tell("recovered", detail)

    def settle(self) -> None:
        """Opens the slot, tells what was amiss, writes a head that is due, and keeps house on a new day."""
        writer = self._open()
        writer.tell_what_was_found()
        writer.save_head()
        if writer.today != self._cleaned:
            self._clean(writer)

    def close(self) -> None:
        if self._writer:
            self._writer.close()
            self._writer = None

    def _open(self) -> Writer:
        if self._writer and not self._writer.in_place:
            self._remembered[self._writer.slot] = self._writer.end
            self.close()
        if self._writer is None:
            lock = take_slot(self._folder)
            self._writer = self._continue(lock, self._remembered.get(lock.slot))
        return self._writer

    def _continue(self, lock: SlotLock, remembered: End | None = None) -> Writer:
        try:
            return Writer(lock, self._keys, self._clock, remembered)
        except BaseException:
            lock.release()
            raise

    def _clean(self, writer: Writer) -> None:
        before = self._clock().astimezone(UTC).date() - self._kept
        retire(writer, before)
        self._cleaned = writer.today
        for slot in slots(self._folder):
            if slot != writer.slot:
                self._clean_slot(slot, before)

    def _clean_slot(self, slot: int, before: date) -> None:
        """The same for a slot that nobody holds; trouble there must not stop our own lines."""
        try:
            if all(file.day >= before for file in day_files(self._folder, slot)):
                return
            if lock := try_slot(self._folder, slot):
                self._retire_left(self._continue(lock), before)
        except OSError as error:
            _log.warning("audit_retention_failed", slot=slot, error=str(error))

    def _retire_left(self, writer: Writer, before: date) -> None:
        try:
            writer.tell_what_was_found()
            retire(writer, before)
        finally:
            writer.close()


def make_folder(folder: Path) -> None:
    """Raises OSError with one line when the log cannot be in ``folder``."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"the audit log cannot be in {folder}: {error.strerror}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise OSError(f"the audit log cannot be in {folder}: it is not writable")
