"""No line is lost at an exit, few at a kill; nobody waits for a slow reader; nothing ends the writing."""

from __future__ import annotations

import io
import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from shared.lines import LineWriter
from shared.logs import configure_logging, tell
from tests.conftest import REPOSITORY
from tests.support.logs import logging_to

_START = (
    "import logging, os, sys; from shared.logs import configure_logging, tell;"
    "log = lambda n: tell(logging.getLogger('gateway'), 20, 'request', {'n': n});"
)
_CONFIGURE = "configure_logging('INFO', json=True);"


def process(code: str, first: str = "") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", first + _START + code]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> list[int]:
    with process:
        _, lines = process.communicate(timeout=60)
    return [json.loads(line)["n"] for line in lines.splitlines()]


def test_none_is_lost_at_an_exit() -> None:
    assert told(process(_CONFIGURE + "[log(n) for n in range(5000)]")) == list(range(5000))


def test_none_is_lost_in_what_runs_after_the_logs_end() -> None:
    """What was registered first runs last: after logging's own end."""
    assert told(process(_CONFIGURE + "log(0)", "import atexit; atexit.register(lambda: log(1));")) == [0, 1]


def test_a_forked_process_writes() -> None:
    """None of ours forks; a library may."""
    code = "log(0); logging.getLogger().handlers[0].flush(); pid = os.fork(); log(1); pid or os._exit(0); os.wait()"
    assert told(process(_CONFIGURE + code)) == [0, 1, 1]


def spawned(number: int) -> None:
    configure_logging("INFO", json=True)
    tell(logging.getLogger("gateway"), logging.INFO, "request", {"n": number})


def test_a_spawned_process_writes(capfd: pytest.CaptureFixture[str]) -> None:
    """As the workers of the gateway are started."""
    workers = [multiprocessing.get_context("spawn").Process(target=spawned, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert {json.loads(line)["n"] for line in capfd.readouterr().err.splitlines() if '"n"' in line} == {0, 1}


def test_what_was_written_survives_a_kill() -> None:
    """A line is written by itself soon after; only what came in the last moment is lost."""
    with process(_CONFIGURE + "log(1); sys.stdin.read()") as killed:
        assert killed.stderr
        assert json.loads(killed.stderr.readline())["n"] == 1, "no exit, no flush"
        killed.send_signal(signal.SIGKILL)


_SERVE = """
from shared.http.server import GracefulServer, server_config
async def app(scope, receive, send): raise NotImplementedError
async def before_stop(): [log(n) for n in range(1000)]
GracefulServer(server_config(app, "127.0.0.1", 0, 1), before_stop, linger_s=0).run()
log(1000)
"""


def test_none_is_lost_at_a_sigterm() -> None:
    """As the gateway and the services take it: the server returns, the process exits."""
    with process(_CONFIGURE + _SERVE) as server:
        assert server.stderr
        next(line for line in server.stderr if "Uvicorn running" in line)
        server.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in server.stderr]
    assert [line["n"] for line in lines if "n" in line] == list(range(1001))
    assert server.returncode == 0


class Stuck(io.StringIO):
    """A stream whose reader takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.open = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.entered.set()
        assert self.open.wait(10)
        return super().write(text)


def test_a_reader_that_takes_nothing_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.lines._MOST_WAITING", 100)
    stream = Stuck()
    writer = LineWriter(stream)
    try:
        writer.write("first", soon=True)
        assert stream.entered.wait(10)
        for _ in range(1000):
            writer.write("more")
    finally:
        stream.open.set()
        writer.close()
    assert len(stream.getvalue().splitlines()) == 101


@pytest.mark.parametrize(("encoding", "form"), [("ascii", "\\xe4\\ud83d"), ("utf-8", "ä\\ud83d")])
def test_a_character_that_cannot_be_written_costs_no_line(encoding: str, form: str) -> None:
    raw = io.BytesIO()
    writer = LineWriter(io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    for line in ("before", "ä\ud83d", "after"):
        writer.write(line)
    writer.flush()
    assert raw.getvalue().decode(encoding).splitlines() == ["before", form, "after"]
    writer.close()


class Broken(io.StringIO):
    """A stream that fails once, in a way that nobody expects."""

    failed = False

    def write(self, text: str) -> int:
        if not self.failed:
            self.failed = True
            raise RuntimeError
        return super().write(text)


def test_the_thread_outlives_a_surprise() -> None:
    stream = Broken()
    writer = LineWriter(stream)
    for line in ("lost", "kept"):
        writer.write(line)
        writer.flush()
    writer.close()
    assert stream.getvalue() == "kept\n"


class Unsayable:
    """What no formatter can write."""

    def __repr__(self) -> str:
        raise ValueError("Canary1")

    __str__ = __repr__


@pytest.mark.parametrize("given", [Unsayable(), "too many"])
def test_a_line_that_cannot_be_formatted_says_only_where(given: Any, capfd: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    with logging_to(stream):
        logging.getLogger("library").warning("Canary2 %s %s", given)
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["event"], line["logger"]) == ("line_not_written", "library")
    assert "Canary" not in stream.getvalue() + capfd.readouterr().err
