"""The gateway's side of the audit log: nothing waits, nothing is lost silently."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway import audit
from gateway.audit import AuditLog
from shared.audit.event import AuditEvent
from shared.audit.store import Store
from tests.shared.audit.helpers import KEYS, SECRET, FakeClock, check, event, events, files, lines

_WRITER = f"""
import asyncio, sys
from pathlib import Path
from gateway.audit import AuditLog
from shared.audit.event import AuditEvent
from shared.audit.keys import audit_keys

async def main() -> None:
    log = AuditLog(Path(sys.argv[1]), audit_keys("{SECRET}"), 30)
    log.start()
    for turn in range(int(sys.argv[2])):
        for number in range(50):
            log.record(AuditEvent(action="predict", outcome="ok", request_id=f"{{sys.argv[3]}}-{{turn}}-{{number}}"))
        await log.flush()
        print(turn, flush=True)
    await log.stop()

asyncio.run(main())
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def log(tmp_path: Path, clock: FakeClock) -> AsyncIterator[AuditLog]:
    made = AuditLog(tmp_path, KEYS, 30, clock)
    yield made
    await made.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - the writer's thread sets no event
            await asyncio.sleep(0.01)


def recorded(folder: Path) -> list[str]:
    return [line["event"]["request_id"] for line in lines(folder) if "request_id" in line["event"]]


async def test_what_is_recorded_is_written_without_being_asked(log: AuditLog, tmp_path: Path, clock: FakeClock) -> None:
    log.start()
    for number in range(10):
        log.record(event(clock, number))
    assert (log.pending, log.written) == (10, 0)
    await until(lambda: log.written == 10)
    assert (log.pending, log.lost, log.failing) == (0, 0, None)
    assert recorded(tmp_path) == [f"r{number}" for number in range(10)]
    assert check(tmp_path).ok


async def test_a_batch_is_one_write(
    log: AuditLog, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    really = Store.write

    def write(store: Store, batch: list[AuditEvent]) -> None:
        sizes.append(len(batch))
        really(store, batch)

    monkeypatch.setattr(Store, "write", write)
    monkeypatch.setattr(audit, "_BATCH_S", 0.5)
    log.start()
    for number in range(20):
        log.record(event(clock, number))
        await asyncio.sleep(0.001)
    await until(lambda: log.written == 20)
    assert len(sizes) <= 5, sizes


async def test_an_idle_log_does_nothing(log: AuditLog, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    log.start()
    log.record(event(clock))
    await until(lambda: log.written == 1)
    await log.flush()
    calls: list[int] = []
    monkeypatch.setattr(log, "_work", lambda: calls.append(1))
    await asyncio.sleep(3 * audit._BATCH_S)
    assert not calls


async def test_the_loop_is_not_held_up(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, KEYS, 30)
    log.start()
    pauses: list[float] = []
    for number in range(5000):
        started = time.perf_counter()
        log.record(AuditEvent(action="predict", outcome="ok", request_id=str(number)))
        if number % 10 == 0:
            await asyncio.sleep(0)
        pauses.append(time.perf_counter() - started)
    await log.stop()
    assert log.written == 5000
    assert sorted(pauses)[len(pauses) // 2] < 0.005, "half of them; a single one may meet another process"
    assert check(tmp_path).lines == 5000


async def test_what_is_recorded_before_the_start_and_at_the_end_is_kept(tmp_path: Path, clock: FakeClock) -> None:
    log = AuditLog(tmp_path, KEYS, 30, clock)
    log.record(event(clock, 1))
    log.start()
    await asyncio.sleep(0)
    log.record(event(clock, 2))
    await log.stop()
    await log.stop()
    await log.flush()
    assert recorded(tmp_path) == ["r1", "r2"]
    log.record(event(clock, 3))
    assert log.lost == 1, "too late"


async def test_a_flush_that_is_given_up_disturbs_nothing(log: AuditLog, tmp_path: Path, clock: FakeClock) -> None:
    log.start()
    for turn in range(20):
        log.record(event(clock, turn))
        flush = asyncio.create_task(log.flush())
        await asyncio.sleep(0)
        flush.cancel()
    await log.flush()
    assert recorded(tmp_path) == [f"r{turn}" for turn in range(20)]
    assert check(tmp_path).ok


async def test_days_and_retention(log: AuditLog, tmp_path: Path, clock: FakeClock) -> None:
    for _ in range(3):
        log.record(event(clock))
        await log.flush()
        clock.forward(days=1)
    clock.forward(days=40)
    await log.flush()
    assert files(tmp_path) == ["audit-1-2026-04-13.jsonl"]
    assert [found["last_seq"] for found in events(tmp_path, "retention")] == ["1", "2", "3"]
    assert check(tmp_path).ok


async def test_an_idle_log_keeps_house(
    log: AuditLog, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_HOUSE_S", 0.02)
    log.record(event(clock))
    log.start()
    await until(lambda: log.written == 1)
    clock.forward(days=40)
    await until(lambda: files(tmp_path) == ["audit-1-2026-04-10.jsonl"])


class FullDisk:
    """Takes ``room`` bytes, then nothing, until ``free``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int, *, also_fsync: bool = False) -> None:
        self.room: int | None = room
        self._write, self._fsync = os.write, os.fsync
        self._fsync_fails = also_fsync
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "fsync", self.fsync)

    def write(self, opened: int, data: Any) -> int:
        if self.room is None:
            return self._write(opened, data)
        taken = min(self.room, len(data))
        self.room -= taken
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._write(opened, bytes(data[:taken]))

    def fsync(self, opened: int) -> None:
        if self.room is not None and self._fsync_fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._fsync(opened)

    def free(self) -> None:
        self.room = None


@pytest.mark.parametrize("room", [0, 1, 300, 5000])
@pytest.mark.parametrize("also_fsync", [False, True])
async def test_a_full_disk(
    log: AuditLog, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, room: int, also_fsync: bool
) -> None:
    monkeypatch.setattr(audit, "_RETRY_S", 0.02)
    log.record(event(clock, 0))
    await log.flush()
    disk = FullDisk(monkeypatch, room, also_fsync=also_fsync)
    log.start()
    for number in range(1, 101):
        log.record(event(clock, number))
    await until(lambda: log.failing is not None)
    assert check(tmp_path).ok, "half a batch is cut away at once"
    assert log.pending + log.written == 101
    disk.free()
    await until(lambda: log.failing is None and not log.pending)
    await log.flush()
    assert recorded(tmp_path) == [f"r{number}" for number in range(101)]
    [told] = events(tmp_path, "recovered")
    assert (told["what"], told["lost"]) == ("the log was not written for a while", "0")
    assert "space" in told["why"] or "Input/output" in told["why"]
    assert check(tmp_path).ok
    assert check(tmp_path).lines == 102


async def test_a_disk_that_is_full_from_the_start(
    log: AuditLog, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch, 0)
    log.record(event(clock))
    await log.flush()
    assert log.failing
    disk.free()
    await log.flush()
    assert (log.failing, log.written) == (None, 1)
    assert check(tmp_path).ok


async def test_a_folder_that_goes_and_comes_back(tmp_path: Path, clock: FakeClock) -> None:
    folder = tmp_path / "audit"
    log = AuditLog(folder, KEYS, 30, clock)
    log.record(event(clock, 1))
    await log.flush()
    folder.rename(tmp_path / "away")
    log.record(event(clock, 2))
    await log.flush()
    assert "No such file" in str(log.failing)
    assert (log.pending, log.written) == (1, 1)
    (tmp_path / "away").rename(folder)
    await log.stop()
    assert recorded(folder) == ["r1", "r2"]
    assert check(folder).ok


async def test_more_than_can_be_kept_is_counted_and_told(
    log: AuditLog, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_MOST_KEPT", 10)
    disk = FullDisk(monkeypatch, 0)
    await log.flush()
    for number in range(15):
        log.record(event(clock, number))
        await log.flush()
    assert (log.pending, log.lost) == (10, 5)
    disk.free()
    await log.flush()
    log.record(event(clock, 15))
    await log.flush()
    assert recorded(tmp_path) == [*(f"r{number}" for number in range(10)), "r15"]
    assert [found["lost"] for found in events(tmp_path, "recovered")] == ["5"]
    assert (log.pending, log.written, log.lost) == (0, 11, 5)


async def test_a_stop_with_a_full_disk_ends(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    log = AuditLog(tmp_path, KEYS, 30, clock)
    log.start()
    FullDisk(monkeypatch, 0)
    log.record(event(clock))
    async with asyncio.timeout(10):
        await log.stop()
    assert log.pending == 1


async def test_a_surprise_is_told_and_survived(
    log: AuditLog, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(*_: object) -> None:
        raise RuntimeError("surprise")

    log.record(event(clock))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", surprise)
        await log.flush()
        assert log.failing == "RuntimeError", "what a surprise says may be of the event"
    await log.flush()
    assert (log.failing, log.written) == (None, 1)


async def test_two_logs_in_one_folder(tmp_path: Path, clock: FakeClock) -> None:
    logs = [AuditLog(tmp_path, KEYS, 30, clock) for _ in range(2)]
    for log in logs:
        log.start()
    for number in range(100):
        logs[number % 2].record(event(clock, number))
    for log in logs:
        await log.stop()
    report = check(tmp_path)
    assert (report.ok, report.slots, report.lines) == (True, 2, 100)


def test_what_cannot_work_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="the audit log cannot be in"):
        AuditLog(tmp_path / "file", KEYS, 30)
    with pytest.raises(ValueError, match="needs a key"):
        AuditLog(tmp_path, {}, 30)


def writer(folder: Path, turns: int, name: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(folder), str(turns), str(name)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(audit.__file__).parent.parent)


def test_a_killed_process_loses_nothing_that_was_flushed(tmp_path: Path) -> None:
    for name in range(3):
        process = writer(tmp_path, 100_000, name)
        assert process.stdout
        flushed = [process.stdout.readline() for _ in range(5)]
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate()
        last = int([*flushed, *rest.splitlines()][-1])
        found = set(_whole_lines(tmp_path))
        assert {f"{name}-{turn}-{number}" for turn in range(last + 1) for number in range(50)} <= found
    store = Store(tmp_path, KEYS, 30, FakeClock())
    store.settle()
    store.close()
    report = check(tmp_path)
    assert (report.problems, report.slots) == ([], 1)


def _whole_lines(folder: Path) -> list[str]:
    whole = [raw for path in folder.glob("*.jsonl") for raw in path.read_bytes().split(b"\n")[:-1]]
    return [json.loads(raw)["event"].get("request_id", "") for raw in whole]


def test_two_processes_in_one_folder(tmp_path: Path) -> None:
    processes = [writer(tmp_path, 4, name) for name in range(2)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    report = check(tmp_path)
    assert (report.problems, report.lines) == ([], 400)
