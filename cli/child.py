"""One supervised process: started, restarted with backoff when it ends by itself, stopped with a last resort."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cli.plan import ROOT, Program

_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 30.0
_STEADY_S = 60.0
_TAIL = 600
_PR_SET_PDEATHSIG = 1
_OWN = "AZURE_STORAGE_CONNECTION_STRING"
"""The supervisor's alone: it fetches the models."""
_LAUNCHED = b'{"event": "process_launched", "logger": "cli.child", "level": "info", "timestamp": "%s"}\n'
"""Parts one run from the next in the log, and gives a time to what a process writes before it can log."""
_libc = ctypes.CDLL(None)


class Child:
    """Runs ``program`` until ``stop``. Its output goes to ``log``; ``report`` is told of every unexpected end."""

    def __init__(self, program: Program, log: Path, report: Callable[[str], None]) -> None:
        self.program = program
        self._log = log
        self._begin = 0
        self._report = report
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Starts the process, and the watch over it."""
        await self._launch()
        self._task = asyncio.create_task(self._watch())

    async def stop(self, grace_s: float) -> None:
        """SIGTERM, and SIGKILL for what is still there after ``grace_s`` seconds."""
        self._stopping = True
        process = self._process
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), grace_s)
            except TimeoutError:
                self._report(f"{self.program.name} did not stop within {grace_s:.0f} s: killed")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _launch(self) -> None:
        with self._log.open("ab") as log:
            with contextlib.suppress(OSError):  # a full disk keeps nobody from being started
                os.write(log.fileno(), _LAUNCHED % datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode())
            self._begin = log.seek(0, os.SEEK_END)
            self._process = await asyncio.create_subprocess_exec(
                *self.program.command,
                env={**_inherited(), **self.program.environment},
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches only the supervisor, which stops the children in order
                preexec_fn=die_with_parent,
            )

    async def _watch(self) -> None:
        backoff = _FIRST_BACKOFF_S
        while True:
            started = time.monotonic()
            assert self._process is not None  # noqa: S101 - start() launched it
            code = await self._process.wait()
            if self._stopping:
                return
            backoff = _FIRST_BACKOFF_S if time.monotonic() - started > _STEADY_S else backoff
            self._report(f"{self.program.name} {_ended(code)}; starting it again in {backoff:g} s{self._last_words()}")
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LONGEST_BACKOFF_S)
            await self._launch()

    def _last_words(self) -> str:
        """The end of what it wrote since it was launched, when it wrote anything: why it ended."""
        with contextlib.suppress(OSError), self._log.open("rb") as log:
            log.seek(max(self._begin, log.seek(0, os.SEEK_END) - _TAIL))
            text = log.read().decode(errors="replace").strip()
            if text:
                return f"\n  {text.splitlines()[-1]}\n  (all of it: {self._log})"
        return ""


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def die_with_parent() -> None:
    """Linux: the kernel sends SIGTERM when the supervisor itself is killed, so that no orphan keeps a port."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
