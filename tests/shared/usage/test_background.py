"""Nobody waits for what hangs; what it said last stands for a minute."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry

from shared.usage.background import Background
from shared.usage.collector import UsageCollector
from tests.support.processes import eventually_sync


class Disk:
    """Hangs while ``open`` is not set."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.readings = 0

    def read(self) -> int | None:
        self.readings += 1
        assert self.open.wait(20)
        return self.readings

    def usage(self, path: Path) -> SimpleNamespace:
        self.read()
        return SimpleNamespace(free=1, total=2)


@pytest.fixture
def disk() -> Iterator[Disk]:
    found = Disk()
    yield found
    found.open.set()
    eventually_sync(lambda: not [one for one in threading.enumerate() if one.name.startswith("usage-")], 5)


def test_it_is_fresh_where_nothing_hangs(disk: Disk) -> None:
    background = Background("x", disk.read)
    for expected in range(1, 4):
        background.refresh()
        assert background.latest() == expected


def test_the_last_value_stands_for_a_minute(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    background = Background("x", disk.read, lambda: now)
    assert background.latest() is None
    background.refresh()
    assert background.latest() == 1
    monkeypatch.setattr("shared.usage.background._PATIENCE_S", 0.05)
    disk.open.clear()
    now += 60
    background.refresh()
    background.refresh()
    assert background.latest() == 1
    now += 1
    assert background.latest() is None
    assert disk.readings == 2, "while one hangs there is no second"
    disk.open.set()

    def read_again() -> bool:
        background.refresh()
        return (background.latest() or 0) > 2

    eventually_sync(read_again, 5)


def test_a_scrape_waits_for_a_hung_disk_once_and_briefly(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.usage.background._PATIENCE_S", 0.05)
    monkeypatch.setattr(shutil, "disk_usage", disk.usage)
    disk.open.clear()
    registry = CollectorRegistry()
    registry.register(UsageCollector("gateway", {"audit": Path("/a"), "feedback": Path("/b")}, None, Path("/none")))
    began = time.monotonic()
    for _ in range(20):
        assert registry.get_sample_value("disk_free_bytes", {"volume": "audit"}) is None
        assert registry.get_sample_value("memory_usage_percent")
    assert time.monotonic() - began < 10, "one disk hangs for 20 s"
    assert disk.readings == 2, "one of each volume"
    disk.open.set()
    eventually_sync(lambda: registry.get_sample_value("disk_free_bytes", {"volume": "audit"}) == 1, 5)


def test_one_disk_that_hangs_hides_no_other(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk.usage(path) if path == Path("/a") else usual(path))
    disk.open.clear()
    registry = CollectorRegistry()
    registry.register(UsageCollector("gateway", {"audit": Path("/a"), "feedback": Path("/")}, None, Path("/none")))
    eventually_sync(lambda: registry.get_sample_value("disk_free_bytes", {"volume": "feedback"}), 5)
    assert registry.get_sample_value("disk_free_bytes", {"volume": "audit"}) is None
