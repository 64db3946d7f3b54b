"""What this container may use. Thread pools are sized by this, never by the host's core count."""

from __future__ import annotations

import math
import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def cpu_limit(root: Path = ROOT) -> float:
    """CPUs that this process may use: the cgroup's quota (v2, then v1), bounded by the affinity mask."""
    affinity = float(len(os.sched_getaffinity(0)))
    quota = _v2_quota(root / "cpu.max") or _v1_quota(root / "cpu")
    return min(quota, affinity) if quota else affinity


def worker_count(root: Path = ROOT) -> int:
    """Whole single-threaded workers that the quota feeds: at least one."""
    return max(1, math.floor(cpu_limit(root) + 0.01))


def limit_native_threads(count: int) -> None:
    """Tells OpenMP, MKL and OpenBLAS their thread count; must run before they are imported."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(count))


def _v2_quota(path: Path) -> float | None:
    words = _words(path)
    if len(words) < 2 or words[0] == "max":
        return None
    return int(words[0]) / int(words[1])


def _v1_quota(folder: Path) -> float | None:
    quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
    if not quota or not period or int(quota[0]) <= 0:
        return None
    return int(quota[0]) / int(period[0])


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
