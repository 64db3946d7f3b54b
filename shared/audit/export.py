"""The log in the forms that other programs read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from typing import Literal, TextIO

from shared.audit.event import AuditEvent
from shared.audit.fhir import to_fhir
from shared.audit.read import Entry
from shared.cells import cell

Format = Literal["jsonl", "csv", "fhir"]
_COLUMNS = ("slot", "seq", *AuditEvent.model_fields, "hash")


def write_jsonl(found: Iterable[Entry], out: TextIO) -> None:
    """The lines as they are in the files."""
    out.writelines(entry.raw.decode() for entry in found)


def write_csv(found: Iterable[Entry], out: TextIO) -> None:
    """A table with a header."""
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    table.writerows(_row(entry) for entry in found)


def write_fhir(found: Iterable[Entry], out: TextIO) -> None:
    """FHIR R4 AuditEvents as NDJSON."""
    out.writelines(json.dumps(to_fhir(entry.line), ensure_ascii=False) + "\n" for entry in found)


WRITERS: dict[Format, Callable[[Iterable[Entry], TextIO], None]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "fhir": write_fhir,
}


def _row(entry: Entry) -> list[str]:
    said = {**entry.line.event, "slot": entry.slot, "seq": entry.line.seq, "hash": entry.line.hash}
    return [cell(said.get(column)) for column in _COLUMNS]
