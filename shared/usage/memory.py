"""How much of its memory the container uses: what the kernel's limit, which kills, is held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from shared.cgroup import ROOT


@dataclass(frozen=True)
class Memory:
    """Bytes: ``used`` of ``limit``."""

    used: int
    limit: int

    @property
    def percent(self) -> float:
        return 100 * self.used / self.limit


@dataclass(frozen=True)
class _Files:
    """Where one version of cgroups has what; ``reclaimable`` names the line of ``stat``."""

    used: str
    limit: str
    stat: str
    reclaimable: str


_V2 = _Files("memory.current", "memory.max", "memory.stat", "inactive_file")
_V1 = _Files(
    "memory/memory.usage_in_bytes", "memory/memory.limit_in_bytes", "memory/memory.stat", "total_inactive_file"
)


def memory(root: Path = ROOT) -> Memory:
    """Of the container; of the machine where the container has no limit, or its files cannot be read."""
    machine = _of_the_machine()
    container = _of_the_container(root, _V2) or _of_the_container(root, _V1)
    return container if container and 0 < container.limit <= machine.limit else machine


def _of_the_machine() -> Memory:
    found = psutil.virtual_memory()
    return Memory(found.total - found.available, found.total)


def _of_the_container(root: Path, files: _Files) -> Memory | None:
    try:
        used, limit = (int((root / name).read_text()) for name in (files.used, files.limit))
        lines = dict(line.split() for line in (root / files.stat).read_text().splitlines())
        # the working set: files that were read once are given back before anything is killed
        return Memory(max(0, used - int(lines[files.reclaimable])), limit)
    except (OSError, ValueError, KeyError):  # "max" is no number, too
        return None
