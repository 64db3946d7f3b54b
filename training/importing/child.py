"""Starts the side behind the sandbox, waits for it, and says in words how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from training.importing.errors import Refused
from training.importing.job import JOB, REPORT, Job, Report

ROOT = Path(__file__).resolve().parents[2]
_LOG = "worker.log"
_LARGEST_REPORT = 1 << 20
_ENDS = {
    signal.SIGXCPU: "it took longer than it may (--timeout)",
    signal.SIGKILL: "it was stopped, most likely for memory (--memory)",
    signal.SIGABRT: "it was given up by the library that read it: it is damaged, or needs more memory (--memory)",
    signal.SIGXFSZ: "it became larger than a file may",
}


@dataclass(frozen=True)
class Limits:
    """Of the process that reads the file: address space, and seconds on the clock."""

    memory_bytes: int = 24 << 30
    seconds: int = 900


def work(job: Job, scratch: Path, limits: Limits) -> Report:
    """Has ``job`` done behind the sandbox. Raises Refused with what the worker said, or how it ended."""
    (scratch / JOB).write_text(job.model_dump_json(), encoding="utf-8")
    with (scratch / _LOG).open("wb") as log:
        code = _run(_command(scratch, limits, strict=job.kind == "pickle"), scratch, log.fileno(), limits.seconds)
    if code < 0:
        raise Refused(
            _ENDS.get(signal.Signals(-code), f"the library that read it ended by {signal.Signals(-code).name}")
        )
    _check_left(scratch)
    report = _report(scratch / REPORT, scratch / _LOG)
    if report.refused is not None:
        raise Refused(report.refused)
    return report


def _check_left(scratch: Path) -> None:
    """Raises Refused for links: followed from out here they would lead to what the worker could not read."""
    if any(path.is_symlink() for path in scratch.rglob("*")):
        raise Refused("the reader left a link: it is not to be trusted")


def _command(scratch: Path, limits: Limits, *, strict: bool) -> list[str]:
    # CPU time of all threads; the clock stops it earlier, this when the clock's owner is gone
    seconds = limits.seconds * (os.cpu_count() or 1)
    words = [sys.executable, "-m", "training.importing.worker", str(scratch), str(limits.memory_bytes), str(seconds)]
    return [*words, *(["strict"] if strict else [])]


def _run(command: list[str], scratch: Path, log: int, seconds: int) -> int:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise Refused(f"it took longer than {seconds} s (--timeout)") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _report(path: Path, log: Path) -> Report:
    """What the worker left is as little to be trusted as the file."""
    try:
        with path.open("rb") as file:
            return Report.model_validate_json(file.read(_LARGEST_REPORT))
    except (OSError, ValidationError) as error:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise Refused(
            f"it could not be read: {lines[-1][:300] if lines else 'the reader ended without a word'}"
        ) from error
