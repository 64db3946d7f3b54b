"""What is kept, who may read it, and what happens when two use it at once."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cli import credentials
from cli.credentials import SignIn, held
from cli.plan import ROOT
from cli.show import Failure
from tests.cli.conftest import Run, Stored
from tests.cli.fake_gateway import API_KEY, PASSWORD, Answer, FakeGateway, problem
from tests.support.processes import eventually

SIGN_IN = SignIn(username="admin", access_token="access-1", refresh_token="refresh-1", expires=time.time() + 900)


def test_a_token_that_is_about_to_end_is_renewed_first(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    gateway.number = 1
    stored.write(1, lasts_s=29)
    assert run("whoami").exit_code == 0
    assert gateway.paths() == ["POST /api/token/refresh", "GET /api/me"]
    assert stored.refresh_token() == "refresh-2"
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    assert run("whoami").exit_code == 0
    assert gateway.paths()[2:] == ["GET /api/me"]


def test_a_refused_token_is_renewed_once(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    gateway.number = 1
    stored.write(1)
    gateway.set("GET", "/api/models", problem(401, "UNAUTHORIZED", "The token is not accepted."))
    result = run("models")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"✗ Not signed in at {gateway.url}")
    assert gateway.paths() == ["GET /api/models", "POST /api/token/refresh", "GET /api/models"]
    assert [asked.bearer for asked in gateway.asked] == ["access-1", "", "access-2"]


def test_a_refused_refresh_ends_the_sign_in(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    gateway.number = 2
    stored.write(1, lasts_s=0)
    result = run("whoami")
    assert result.exit_code == 1
    assert result.output == f"✗ Not signed in at {gateway.url}: `doctorai login`, or set DOCTORAI_API_KEY.\n"
    assert stored.refresh_token() is None


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (problem(503, "SIGN_IN_UNAVAILABLE", "Accounts cannot be read."), "SIGN_IN_UNAVAILABLE: Accounts cannot be"),
        (problem(429, "RATE_LIMITED", "refresh-1"), "RATE_LIMITED: …"),
        (Answer(502, b"<html>refresh-1</html>"), "http"),
        (Answer(200, {"access_token": 1}), "http"),
    ],
)
def test_a_refresh_that_fails_keeps_the_sign_in(
    run: Run, gateway: FakeGateway, stored: Stored, answer: Answer, line: str
) -> None:
    stored.write(1, lasts_s=0)
    gateway.set("POST", "/api/token/refresh", answer)
    result = run("whoami")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"✗ {line}")
    assert stored.refresh_token() == "refresh-1"


async def test_processes_side_by_side_refresh_once(gateway: FakeGateway, stored: Stored) -> None:
    """All of them have read the old token when the first gets to exchange it."""
    gateway.number = 1
    stored.write(1, lasts_s=0)
    lock = stored.path.parent / "lock"
    with lock.open("w") as held_here:
        fcntl.flock(held_here, fcntl.LOCK_EX)
        running = [_token_process() for _ in range(3)]

        async def waiting() -> bool:
            return all(_has_open(process.pid, lock) for process in running)

        await eventually(waiting, 60)
    outputs = [process.communicate(timeout=60) for process in running]
    assert outputs == [("access-2\n", "")] * 3
    assert gateway.paths().count("POST /api/token/refresh") == 1
    assert stored.refresh_token() == "refresh-2"
    assert not gateway.ended


def _token_process() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cli.main", "token"]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _has_open(pid: int, path: Path) -> bool:
    process = psutil.Process(pid)
    assert process.is_running()
    assert process.status() != psutil.STATUS_ZOMBIE, "it ended early"
    return any(Path(file.path) == path for file in process.open_files())


def test_the_key_of_the_environment_wins(
    run: Run, gateway: FakeGateway, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.path.parent.mkdir(parents=True)
    stored.path.write_text("damaged")
    monkeypatch.setenv("DOCTORAI_API_KEY", f" {API_KEY}\n")
    assert run("whoami").exit_code == 0
    assert gateway.asked[0].bearer == API_KEY
    monkeypatch.setenv("DOCTORAI_API_KEY", "dai_other")
    result = run("whoami")
    assert result.exit_code == 1
    assert "DOCTORAI_API_KEY is not accepted" in result.stderr
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("key", [f"{API_KEY} x", f"{API_KEY}\nX-Evil: 1", f"{API_KEY}é"])
def test_what_cannot_be_a_key(run: Run, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("DOCTORAI_API_KEY", key)
    result = run("whoami")
    assert result.exit_code == 1
    assert result.stderr.startswith("✗ DOCTORAI_API_KEY is not a key")
    assert gateway.asked == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"http://x": 1}', '{"http://x": {"username": "a", "access_token": "access-1\\n"}}', "\udc80"],
)
def test_a_damaged_file(run: Run, gateway: FakeGateway, stored: Stored, text: str) -> None:
    stored.path.parent.mkdir(parents=True)
    stored.path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for command in ("whoami", "logout", "models"):
        result = run(command)
        assert result.exit_code == 1
        assert result.output == f"✗ {stored.path} is damaged: `doctorai login` writes it anew.\n"
    assert run("login", "--password-stdin", given=PASSWORD).exit_code == 0
    assert run("whoami").exit_code == 0


def test_a_file_that_cannot_be_read_or_written(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    stored.path.mkdir(parents=True)
    result = run("whoami")
    assert result.exit_code == 1
    assert result.output == f"✗ cannot read {stored.path}: Is a directory\n"
    stored.path.rmdir()
    stored.path.parent.rmdir()
    stored.path.parent.write_text("")
    result = run("login", "--password-stdin", given=PASSWORD)
    assert result.exit_code == 1
    assert result.output.startswith(f"✗ cannot write to {stored.path.parent}")
    assert gateway.asked == [], "no tokens that cannot be kept"


def test_a_write_that_fails_leaves_what_was_there(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with held() as book:
        book.put("http://a", SIGN_IN)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with held() as book, pytest.raises(Failure, match=r"cannot write .*: No space left"):
        book.put("http://a", None)
    assert credentials.stored("http://a") == SIGN_IN
    assert sorted(path.name for path in config.iterdir()) == ["credentials.json", "lock"]


def test_a_folder_and_a_file_that_others_could_read_are_closed(config: Path) -> None:
    config.mkdir(parents=True, mode=0o755)
    (config / "credentials.json").write_text("{}")
    (config / "credentials.json").chmod(0o644)
    with held() as book:
        book.put("http://a", SIGN_IN)
    assert stat.S_IMODE(config.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in config.iterdir()} == {0o600}


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_CONFIG_HOME", value)
        with held() as book:
            book.put(f"http://{value or 'empty'}", SIGN_IN)
    assert "http://relative" in (tmp_path / ".config" / "doctorai" / "credentials.json").read_text()


def test_nobody_without_a_home(run: Run, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(credentials.Path, "home", home)
    assert "set XDG_CONFIG_HOME" in run("whoami").stderr
    monkeypatch.setenv("DOCTORAI_API_KEY", API_KEY)
    assert run("whoami").exit_code == 0


def test_a_sign_in_shows_no_token() -> None:
    assert "access-1" not in repr(SIGN_IN)
    assert "refresh-1" not in repr(SIGN_IN)
