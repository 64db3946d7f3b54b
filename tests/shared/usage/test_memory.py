"""The container's working set against its limit, under every form that the kernel writes it in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from shared.usage.memory import Memory, memory

GIB = 2**30
MACHINE = Memory(used=6 * GIB, limit=16 * GIB)
CONTAINER = Memory(used=GIB, limit=2 * GIB)
UNLIMITED_V1 = 9223372036854771712


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(total=MACHINE.limit, available=MACHINE.limit - MACHINE.used)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: found)


def v2(root: Path, limit: str | int = CONTAINER.limit) -> Path:
    (root / "memory.current").write_text(f"{CONTAINER.used + 7000}\n")
    (root / "memory.max").write_text(f"{limit}\n")
    (root / "memory.stat").write_text("anon 1000000\nfile 9000\ninactive_file 7000\nactive_file 2000\n")
    return root


def v1(root: Path, limit: int = CONTAINER.limit) -> Path:
    folder = root / "memory"
    folder.mkdir()
    (folder / "memory.usage_in_bytes").write_text(f"{CONTAINER.used + 7000}\n")
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.stat").write_text("inactive_file 5\ntotal_inactive_file 7000\n")
    return root


def test_v2_without_the_files_that_are_given_back(tmp_path: Path) -> None:
    assert memory(v2(tmp_path)) == CONTAINER
    assert memory(tmp_path).percent == 50


def test_v1_counts_the_groups_below_too(tmp_path: Path) -> None:
    assert memory(v1(tmp_path)) == CONTAINER


def test_v2_wins_over_v1(tmp_path: Path) -> None:
    assert memory(v1(v2(tmp_path), 3 * GIB)) == CONTAINER


@pytest.mark.parametrize("limit", ["max", str(17 * GIB), "0", ""])
def test_v2_without_a_limit_is_the_machine(tmp_path: Path, limit: str) -> None:
    assert memory(v2(tmp_path, limit)) == MACHINE


def test_v1_without_a_limit_is_the_machine(tmp_path: Path) -> None:
    assert memory(v1(tmp_path, UNLIMITED_V1)) == MACHINE
    assert MACHINE.percent == 37.5


@pytest.mark.parametrize("name", ["memory.current", "memory.max", "memory.stat"])
@pytest.mark.parametrize("state", ["away", "a folder", "no number", "empty"])
def test_a_file_that_cannot_be_read_is_the_machine(tmp_path: Path, name: str, state: str) -> None:
    path = v2(tmp_path) / name
    path.unlink()
    if state == "a folder":
        path.mkdir()
    elif state != "away":
        path.write_text("inactive_file many\n" if state == "no number" else "")
    assert memory(tmp_path) == MACHINE


def test_without_a_cgroup_it_is_the_machine(tmp_path: Path) -> None:
    assert memory(tmp_path / "none") == MACHINE


def test_it_is_never_negative(tmp_path: Path) -> None:
    (v2(tmp_path) / "memory.current").write_text("10\n")
    assert memory(tmp_path) == Memory(0, CONTAINER.limit)
