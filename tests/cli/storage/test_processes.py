"""Pulls as processes of their own: killed, stopped, two at once, on a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from cli.plan import ROOT
from tests.cli.storage.conftest import CONNECTION, Run, Storage, check_secret, parts, tree, write_bundle

BIG = 10_000_000  # three requests
_LIMITED = (
    "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)); from cli.main import app; app()"
)


def start(*words: str, program: tuple[str, ...] = ("-m", "cli")) -> subprocess.Popen[str]:
    command = [sys.executable, *program, "models", *words]
    # as at a terminal: a shell that runs the tests in the background has its children ignore Ctrl-C
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, preexec_fn=heed
    )


def end(process: subprocess.Popen[str], code: int = 0) -> str:
    said, _ = process.communicate(timeout=60)
    check_secret(said)
    assert process.returncode == code, said
    return said


@pytest.fixture
def big(storage: Storage, elsewhere: Path, run: Run) -> Storage:
    """A bundle that takes a while, and is not cut by what the other tests patch: a process of its own sends it."""
    write_bundle(elsewhere, size=BIG)
    end(start("push", "xray/1.0.0", "--models", str(elsewhere)))
    storage.proxy.forget()
    return storage


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_ended_in_the_middle_it_goes_on(
    big: Storage, models: Path, elsewhere: Path, number: signal.Signals, code: int
) -> None:
    process: list[subprocess.Popen[str]] = []

    def strike(line: str) -> None:
        if sum("model.tflite" in line for line in big.proxy.requests) == 3:
            big.proxy.on_request = lambda _: None
            os.kill(process[0].pid, number)

    big.proxy.on_request = strike
    process.append(start("pull"))
    end(process[0], code)
    assert tree(models) == {}
    kept = sum(path.stat().st_size for path in parts(models))
    assert kept > BIG // 2
    big.proxy.forget()
    assert "1 fetched" in end(start("pull"))
    assert tree(models) == tree(elsewhere)
    assert big.proxy.received < BIG // 2


def test_two_at_once_fetch_it_once(big: Storage, models: Path, elsewhere: Path) -> None:
    """The second waits for the first, and finds nothing to do."""
    said = [end(one) for one in [start("pull"), start("pull")]]
    assert sorted("1 fetched" in one for one in said) == [False, True]
    assert sorted("1 as they were" in one for one in said) == [False, True]
    assert tree(models) == tree(elsewhere)
    assert big.proxy.received < BIG + 200_000


def test_a_second_says_that_it_waits(big: Storage, models: Path, elsewhere: Path) -> None:
    started: list[subprocess.Popen[str]] = []

    def also(line: str) -> None:
        if "model.tflite" in line and not started:
            started.append(start("pull"))
            assert started[0].stdout
            while "is running; waiting for it" not in (line := started[0].stdout.readline()):
                assert line, "it did not wait"

    big.proxy.on_request = also
    assert "1 fetched" in end(start("pull"))
    assert "1 as they were" in end(started[0])


def test_a_full_disk(big: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """The large version is refused and leaves nothing behind; the small one is there."""
    write_bundle(elsewhere, "tumor")
    end(start("push", "tumor/1.0.0", "--models", str(elsewhere)))
    said = end(start("pull", program=("-c", _LIMITED)), 1)
    assert "✗ xray/1.0.0 is not fetched: the disk is full; what was fetched of it is removed" in said
    assert "1 fetched, 0 as they were, 1 not fetched" in said
    assert {name.split("/")[0] for name in tree(models)} == {"tumor"}
    assert parts(models) == []
    end(start("pull"))
    assert tree(models) == tree(elsewhere)


def test_the_debug_log_of_the_sdk_shows_no_credential(big: Storage, models: Path) -> None:
    program = "import logging; logging.basicConfig(level=logging.DEBUG); from cli.main import app; app()"
    said = subprocess.run(
        [sys.executable, "-c", program, "models", "pull"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert said.returncode == 0, said.stderr
    assert "Request URL" in said.stderr, "the log was on"
    assert os.environ[CONNECTION] not in said.stderr
    assert os.environ[CONNECTION].split("AccountKey=")[1].split(";")[0] not in said.stderr
