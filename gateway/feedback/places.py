"""The names of the files that feedback lies in: one a process and UTC month.

``feedback-YYYY-MM-<process>.jsonl``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

_NAME = re.compile(r"feedback-([12]\d{3})-(0[1-9]|1[0-2])-[0-9a-f]{8}\.jsonl")


def file_of(folder: Path, process: str, now: datetime) -> Path:
    """Where ``process``, eight hexadecimal digits, writes now."""
    return folder / f"feedback-{now.astimezone(UTC):%Y-%m}-{process}.jsonl"


def files(folder: Path) -> list[tuple[date, Path]]:
    """Each file with the day after its month, oldest first. A folder that is not there raises FileNotFoundError."""
    return sorted(_found(folder))


def _found(folder: Path) -> Iterator[tuple[date, Path]]:
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            first = date(int(match[1]), int(match[2]), 1)
            yield (first + timedelta(days=31)).replace(day=1), path
