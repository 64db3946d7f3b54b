"""Thread pools are sized by the container's quota, under every form that the kernel writes it in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.cgroup import cpu_limit, limit_native_threads, worker_count

HOST = 16


@pytest.fixture(autouse=True)
def _sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(HOST)))


def v1(root: Path, quota: str, period: str = "100000") -> Path:
    (root / "cpu").mkdir()
    (root / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (root / "cpu" / "cpu.cfs_period_us").write_text(period + "\n")
    return root


def v2(root: Path, text: str) -> Path:
    (root / "cpu.max").write_text(text + "\n")
    return root


@pytest.mark.parametrize(
    ("text", "limit", "workers"),
    [
        ("200000 100000", 2.0, 2),
        ("50000 100000", 0.5, 1),
        ("150000 100000", 1.5, 1),
        ("299999 100000", 2.99999, 3),
        ("250000 50000", 5.0, 5),
        ("6400000 100000", HOST, HOST),
        ("max 100000", HOST, HOST),
        ("", HOST, HOST),
    ],
)
def test_v2(tmp_path: Path, text: str, limit: float, workers: int) -> None:
    root = v2(tmp_path, text)
    assert (cpu_limit(root), worker_count(root)) == (limit, workers)


@pytest.mark.parametrize(
    ("quota", "limit", "workers"), [("300000", 3.0, 3), ("20000", 0.2, 1), ("-1", HOST, HOST), ("0", HOST, HOST)]
)
def test_v1(tmp_path: Path, quota: str, limit: float, workers: int) -> None:
    root = v1(tmp_path, quota)
    assert (cpu_limit(root), worker_count(root)) == (limit, workers)


def test_v2_wins_over_v1(tmp_path: Path) -> None:
    assert cpu_limit(v1(v2(tmp_path, "200000 100000"), "300000")) == 2.0


def test_without_a_cgroup_the_affinity_mask_counts(tmp_path: Path) -> None:
    assert cpu_limit(tmp_path / "none") == HOST


def test_the_affinity_mask_bounds_the_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    assert cpu_limit(v2(tmp_path, "400000 100000")) == 1.0


def test_native_threads_are_limited_unless_the_operator_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    for name in ("MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    limit_native_threads(2)
    assert [os.environ[f"{name}_NUM_THREADS"] for name in ("OMP", "MKL", "OPENBLAS")] == ["3", "2", "2"]
