"""The names of the files in a log's folder.

``audit-<slot>-YYYY-MM-DD.jsonl``  the lines of one UTC day
``audit-<slot>.head``              where the slot's chain ends
``audit-<slot>.lock``              held by the process that writes the slot
``check.lock``                     held by the process that verifies all of them from time to time
``check-run.lock``                 held while one verifies them
``check.json``                     what was found then
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

_ANY = re.compile(r"audit-([1-9][0-9]{0,5})(?:-[0-9]{4}-[0-9]{2}-[0-9]{2}\.jsonl|\.head|\.lock)")
_DAY = re.compile(r"audit-([1-9][0-9]{0,5})-([0-9]{4}-[0-9]{2}-[0-9]{2})\.jsonl")


class DayFile(NamedTuple):
    day: date
    path: Path


def slots(folder: Path) -> list[int]:
    """The slots that left any trace in ``folder``."""
    found = (_ANY.fullmatch(path.name) for path in folder.iterdir())
    return sorted({int(match[1]) for match in found if match})


def day_files(folder: Path, slot: int) -> list[DayFile]:
    """The files of ``slot``, oldest first."""
    found = ((_DAY.fullmatch(path.name), path) for path in folder.iterdir())
    dated = ((_date(match[2]), path) for match, path in found if match and int(match[1]) == slot)
    return sorted(DayFile(day, path) for day, path in dated if day)


def day_path(folder: Path, slot: int, day: date) -> Path:
    return folder / f"audit-{slot}-{day.isoformat()}.jsonl"


def head_path(folder: Path, slot: int) -> Path:
    return folder / f"audit-{slot}.head"


def lock_path(folder: Path, slot: int) -> Path:
    return folder / f"audit-{slot}.lock"


def check_path(folder: Path) -> Path:
    return folder / "check.lock"


def run_path(folder: Path) -> Path:
    return folder / "check-run.lock"


def report_path(folder: Path) -> Path:
    return folder / "check.json"


def torn_path(path: Path) -> Path:
    """Where a torn line of ``path`` is kept."""
    return path.with_name(f"{path.name}.torn")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
