"""The gateway verifies its own log while it writes it, and says what it found."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway import audit_check
from gateway.app import create_app
from gateway.audit import AuditLog
from gateway.audit_check import AuditCheck
from gateway.audit_collector import AuditCollector
from tests.shared.audit.helpers import KEYS, FakeClock, event, files, write_log
from tests.support.accounts import NO_REDIS, settings
from tests.support.apps import running
from tests.support.processes import eventually
from tests.support.requests import metric


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_check, "_SOON_S", 0.0)
    monkeypatch.setattr(audit_check, "_TURN_S", 0.05)


@asynccontextmanager
async def checking(folder: Path, interval_s: float = 0.05) -> AsyncIterator[AuditCheck]:
    check = AuditCheck(folder, KEYS, interval_s)
    await check.start()
    try:
        yield check
    finally:
        await check.stop()


def finds(check: AuditCheck, intact: bool) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        return check.found is not None and check.found.intact is intact

    return found


async def test_it_tells_a_sound_log_from_one_that_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_log(tmp_path)
    async with checking(tmp_path) as check:
        await eventually(finds(check, intact=True), 20)
        assert check.found
        assert abs(check.found.at - time.time()) < 20
        path = tmp_path / files(tmp_path)[0]
        path.write_bytes(path.read_bytes().replace(b'"xray"', b'"tumor"', 1))
        await eventually(finds(check, intact=False), 20)
        told = capsys.readouterr()
        assert "audit_log_not_intact" in told.out + told.err
        assert "was changed after it was written" in told.out + told.err


async def test_one_of_those_that_share_a_folder_checks_it(tmp_path: Path) -> None:
    write_log(tmp_path)
    async with checking(tmp_path) as second:
        async with checking(tmp_path) as first:
            await eventually(finds(first if first.found else second, intact=True), 20)
            assert [first.found, second.found].count(None) == 1
        await eventually(finds(second, intact=True), 20)


async def test_a_log_that_cannot_be_read_leaves_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    write_log(folder)
    async with checking(folder) as check:
        await eventually(finds(check, intact=True), 20)
        folder.rename(tmp_path / "elsewhere")

        async def said() -> bool:
            told = capsys.readouterr()
            return "audit_check_failed" in told.out + told.err

        await eventually(said, 20)
        assert check.found is None, "the lock is gone with the folder: whose it is now is not known"


async def test_a_check_that_cannot_start_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_log(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        async with checking(tmp_path) as check:

            async def said() -> bool:
                told = capsys.readouterr()
                return "audit_check_failed" in told.out + told.err

            await eventually(said, 20)
            assert check.found is None
            patch.undo()
            await eventually(finds(check, intact=True), 20)


async def test_a_stop_ends_a_check_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*command: str, **options: int) -> asyncio.subprocess.Process:
        sleeper = (sys.executable, "-c", "import time; time.sleep(600)")
        started.append(await start(*sleeper, **options))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    async with checking(tmp_path):

        async def runs() -> bool:
            return bool(started)

        await eventually(runs, 20)
    assert started[0].returncode == -9


async def test_zero_is_never(tmp_path: Path) -> None:
    async with checking(tmp_path, interval_s=0) as check:
        assert check._task is None


async def asked(check: AuditCheck) -> None:
    check.begin()

    async def ended() -> bool:
        return (await check.told()).checked_at is not None and not (await check.told()).running

    await eventually(ended, 20)


async def test_who_checks_only_when_asked_tells_no_metric_that_grows_old(tmp_path: Path) -> None:
    write_log(tmp_path)
    async with checking(tmp_path, interval_s=0) as check:
        await asked(check)
        assert check.found is None


async def test_who_checks_by_itself_takes_in_what_another_was_asked_for(tmp_path: Path) -> None:
    write_log(tmp_path)
    async with checking(tmp_path, interval_s=3600) as owner, checking(tmp_path, interval_s=0) as other:
        await eventually(finds(owner, intact=True), 20)
        path = tmp_path / files(tmp_path)[0]
        path.write_bytes(path.read_bytes().replace(b'"xray"', b'"tumor"', 1))
        other.begin()
        await eventually(finds(owner, intact=False), 20)
        assert other.found is None


async def test_what_prometheus_is_told(tmp_path: Path) -> None:
    app = create_app(settings(NO_REDIS, tmp_path, audit_check_interval_s=0.05))
    async with running(app) as api:
        await eventually(lambda: holds(api, "audit_chain_intact", 1), 20)
        assert abs(await metric(api, "", "audit_chain_checked_timestamp_seconds") - time.time()) < 20
        assert await metric(api, "", "audit_failing") == 0
        assert await metric(api, "", "audit_events_lost_total") == 0


async def test_without_a_key_that_lasts_the_chain_is_not_checked(tmp_path: Path) -> None:
    app = create_app(settings(NO_REDIS, tmp_path, secret_key=None, doctorai_mode="local", audit_check_interval_s=0.01))
    async with running(app) as api:
        text = (await api.get("/metrics")).text
        assert "# TYPE audit_chain_intact gauge" in text
        assert "\naudit_chain_intact " not in text
        assert "\naudit_chain_checked_timestamp_seconds " not in text


def sample(log: AuditLog, name: str) -> float:
    found = AuditCollector(log, AuditCheck(Path(), KEYS, 0)).collect()
    return next(one.value for family in found for one in family.samples if one.name == name)


async def test_how_far_the_log_is_behind(tmp_path: Path) -> None:
    clock = FakeClock()
    log = AuditLog(tmp_path, KEYS, 30, clock)
    assert (sample(log, "audit_pending_events"), sample(log, "audit_lag_seconds")) == (0, 0)
    log.record(event(clock))
    clock.forward(seconds=7)
    log.record(event(clock))
    assert (sample(log, "audit_pending_events"), sample(log, "audit_lag_seconds")) == (2, 7)
    await log.flush()
    assert (sample(log, "audit_pending_events"), sample(log, "audit_lag_seconds")) == (0, 0)
    log.failing = "No space left on device"
    log.lost = 3
    assert (sample(log, "audit_failing"), sample(log, "audit_events_lost_total")) == (1, 3)
    log.failing = None
    await log.stop()


async def holds(api: httpx.AsyncClient, line: str, value: float) -> bool:
    return await metric(api, "", line) == value
