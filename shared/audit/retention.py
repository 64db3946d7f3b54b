"""Removes what is too old, after the chain has said so: `verify` tells it from a file that somebody took away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from shared.audit.chain import End, Line, NotALine, fault, parse
from shared.audit.places import DayFile, day_files, torn_path
from shared.audit.read import raw_lines
from shared.audit.tail import last_line
from shared.audit.writer import Writer
from shared.logs import get_logger

_log = get_logger(__name__)


def retire(writer: Writer, before: date) -> int:
    """Removes the slot's files of the days before ``before``; how many. Raises OSError when it cannot be announced."""
    old = [file for file in day_files(writer.folder, writer.slot) if file.day < min(before, writer.today)]
    last = {file.path: line for file in old if (line := _last_if_removable(writer, file))}
    if last:
        writer.tell("retention", *(_detail(path, line) for path, line in last.items()))
        writer.save_head()
    return sum(_remove(path) for path in last)


def is_of_its_day(event: Mapping[str, object], day: date) -> bool:
    """False for a line that is younger than its file's name says: a renamed file would be removed too early.

    A day's grace is for a clock that was put back.
    """
    try:
        said = datetime.fromisoformat(str(event["time"])).astimezone(UTC).date()
    except (KeyError, ValueError):
        return False
    return said <= day + timedelta(days=1)


def retirements(path: Path, keys: Mapping[str, bytes]) -> Iterator[End]:
    """What the signed lines of ``path`` announce as removed."""
    with contextlib.suppress(FileNotFoundError):
        for raw in raw_lines(path):
            with contextlib.suppress(NotALine):
                line = parse(raw)
                if not fault(line, keys) and (retired := retired_by(line)):
                    yield retired


def retired_by(line: Line) -> End | None:
    """Where the file ended that ``line`` announces as removed."""
    detail = line.event.get("detail")
    if line.event.get("action") != "retention" or not isinstance(detail, dict):
        return None
    try:
        return End(int(detail["last_seq"]), str(detail["last_hash"]))
    except (KeyError, TypeError, ValueError):
        return None


def _last_if_removable(writer: Writer, file: DayFile) -> Line | None:
    """The last line of ``file``, or None when the file must stay as evidence."""
    line = last_line(file.path)
    if reason := _why_it_stays(line, file.day, writer.keys):
        _log.warning("audit_file_kept", file=file.path.name, reason=reason)
        return None
    return line


def _detail(path: Path, line: Line) -> dict[str, str]:
    return {"file": path.name, "last_seq": str(line.seq), "last_hash": line.hash}


def _remove(path: Path) -> bool:
    """False when it cannot be removed; it has been announced, and is tried again on the next day."""
    try:
        torn_path(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("audit_file_kept", file=path.name, reason=str(error))
        return False
    return True


def _why_it_stays(line: Line | None, day: date, keys: Mapping[str, bytes]) -> str | None:
    if line is None:
        return "its last line is damaged or missing"
    if found := fault(line, keys):
        return f"its last line {found}"
    return None if is_of_its_day(line.event, day) else "its lines are younger than its name says"
