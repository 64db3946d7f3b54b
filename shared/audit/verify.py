"""Finds whatever was done to a log by anyone but its writer. The log may be written at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from shared.audit.follow import Follower
from shared.audit.places import head_path, slots
from shared.audit.report import Problem, Report

__all__ = ["Problem", "Report", "verify"]

_PATIENCE_S = 0.5


def verify(folder: Path, keys: Mapping[str, bytes], *, patience_s: float = _PATIENCE_S) -> Report:
    """Reads every line in ``folder`` once. Raises OSError when it cannot be read.

    ``patience_s``: how long half a line at the end may take to become a whole one.
    """
    report = Report()
    found = slots(folder)
    for slot in found:
        report.slots += 1
        Follower(folder, slot, keys, report, patience_s).follow()
    for slot in sorted(set(range(1, max(found, default=0))) - set(found)):
        report.add(head_path(folder, slot).name, 0, f"slot {slot} was removed: there are later ones")
    return report
