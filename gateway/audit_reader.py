"""Reads the audit log for an administrator, beside the requests: one page at a time, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from gateway.admission.places import Places
from gateway.audit_entry import AuditEntry, AuditPage
from shared.audit.asked import Asked
from shared.audit.event import AuditEvent
from shared.audit.newest import Cursor, newest
from shared.audit.slot_reader import Found, Place
from shared.errors import AuditUnavailable, ValidationFailed
from shared.logs import get_logger
from shared.stacks import reason_of

_log = get_logger(__name__)
_QUEUE, _PATIENCE_S = 8, 5.0
CURSOR = r"^[1-9]\d{0,5}-\d{8}-\d{1,15}(\.[1-9]\d{0,5}-\d{8}-\d{1,15})*$"
"""``slot-day-byte``, one for each slot that has lines left."""


class AuditReader:
    """``keys``: without any, signatures are not looked at."""

    def __init__(self, folder: Path, keys: Mapping[str, bytes]) -> None:
        self._folder = folder
        self._keys = keys
        self._places = Places("The audit log's reader", 1, queue=_QUEUE, patience_s=_PATIENCE_S, scope="audit")
        # one thread: a page that nobody waits for any more is not read beside the next
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit-reader")

    async def page(self, asked: Asked, limit: int, before: str | None) -> AuditPage:
        """Raises Overloaded, ValidationFailed for a cursor that is none, and AuditUnavailable with the reason."""
        cursor = None if before is None else _parse(before)
        async with self._places.take():
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._thread, self._read, asked, limit, cursor)
            except OSError as error:
                _log.error("audit_read_failed", error=reason_of(error))
                detail = f"The audit log cannot be read: {error.strerror}."
                raise AuditUnavailable(detail, headers={"Retry-After": "5"}) from error

    def close(self) -> None:
        """Waits for nobody."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _read(self, asked: Asked, limit: int, cursor: Cursor | None) -> AuditPage:
        found = newest(self._folder, asked, self._keys, limit, cursor)
        return AuditPage(entries=[_shown(one) for one in found.found], next=_written(found.cursor) or None)


def _shown(found: Found) -> AuditEntry:
    line = found.line
    if line is None:
        return AuditEntry(slot=found.slot, problem=found.problem)
    place = {"slot": found.slot, "seq": line.seq, "hash": line.hash}
    try:
        said = AuditEvent.model_validate(line.event).model_dump()
    except ValidationError:  # somebody else's words, or a later version's
        return AuditEntry(**place, problem=found.problem or "says what this version does not know")
    return AuditEntry(**place, problem=found.problem, **said)


def _parse(text: str) -> Cursor:
    places = (word.split("-") for word in text.split("."))
    try:
        return {int(slot): Place(datetime.strptime(day, "%Y%m%d").date(), int(byte)) for slot, day, byte in places}
    except ValueError as error:
        raise ValidationFailed("query.before: the `next` of an earlier answer is wanted.") from error


def _written(cursor: Cursor) -> str:
    return ".".join(f"{slot}-{place.day:%Y%m%d}-{place.offset}" for slot, place in cursor.items())
