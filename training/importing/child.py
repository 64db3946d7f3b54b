"""Starts the side behind the sandbox, waits for it, and says in words how it ended."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from training.importing.errors import Refused
from training.importing.job import JOB, REPORT, Job, Proof, ProofJob, Report

ROOT = Path(__file__).resolve().parents[2]
_LOG = "worker.log"
_LARGEST_REPORT = 4 << 20
_TAIL = 4096  # bytes of the log
_DAMAGED = "it is damaged, or needs more memory (--memory)"
_ENDS: dict[int, str] = {
    signal.SIGXCPU: "it took longer than it may (--timeout)",
    signal.SIGKILL: "it was stopped, most likely for memory (--memory)",
    signal.SIGABRT: f"the library that read it gave up: {_DAMAGED}",
    signal.SIGSEGV: f"the library that read it broke: {_DAMAGED}",
    signal.SIGBUS: f"the library that read it broke: {_DAMAGED}",
    signal.SIGXFSZ: "it became larger than a file may",
}
R = TypeVar("R", Report, Proof)


@dataclass(frozen=True)
class Limits:
    """Of the process that reads the file: address space, and seconds on the clock."""

    memory_bytes: int = 24 << 30
    seconds: int = 900


def work(job: Job | ProofJob, scratch: Path, limits: Limits, kind: type[R], readable: Iterable[Path] = ()) -> R:
    """Has ``job`` done behind the sandbox. Raises Refused with what the worker said, or how it ended."""
    (scratch / REPORT).unlink(missing_ok=True)
    (scratch / JOB).write_text(job.model_dump_json(), encoding="utf-8")
    strict = isinstance(job, Job) and job.kind == "pickle"
    with (scratch / _LOG).open("wb") as log:
        code = _run(_command(scratch, limits, readable, strict=strict), scratch, log.fileno(), limits.seconds)
    if code < 0:
        raise Refused(_ENDS.get(-code, f"the library that read it ended by signal {-code}: {_DAMAGED}"))
    _check_left(scratch)
    report = _report(scratch, kind)
    if report.refused is not None:
        raise Refused(report.refused)
    return report


def _check_left(scratch: Path) -> None:
    """What the worker left is as little to be trusted as the file: links would lead, and pipes hold, whoever reads."""
    for path in scratch.rglob("*"):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise Refused("the reader left what is neither file nor folder: it is not to be trusted")


def _command(scratch: Path, limits: Limits, readable: Iterable[Path], *, strict: bool) -> list[str]:
    # CPU time of all threads; the clock stops it earlier, this when the clock's owner is gone
    seconds = limits.seconds * (os.cpu_count() or 1)
    words = [str(scratch), str(limits.memory_bytes), str(seconds), "strict" if strict else "as-can-be"]
    return [sys.executable, "-m", "training.importing.worker", *words, *map(str, readable)]


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


def _report(scratch: Path, kind: type[R]) -> R:
    try:
        with (scratch / REPORT).open("rb") as file:
            return kind.model_validate_json(file.read(_LARGEST_REPORT))
    except (OSError, ValidationError) as error:
        raise Refused(f"it could not be read: {_last_words(scratch / _LOG)}") from error


def _last_words(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        lines = file.read(_TAIL).decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "the reader ended without a word"
