"""`doctorai up`: the whole system on one machine, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shlex
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from rich.console import Console

from cli import bundles, preparing
from cli.ask import DEFAULT_URL
from cli.backup.exchange import STAGE
from cli.child import Child
from cli.first_password import first_password
from cli.log_files import FOLDER, begin_run
from cli.plan import Plan, Program, make_plan

_POLL_S = 0.1
_PATIENCE_S = 60.0
_GRACE_S = 25.0
_NO_PAGE = "no page: Node 20.19 or newer is needed to build it (make page)"
_console = Console(stderr=True)


def run_up(scale: Mapping[str, int], folder: Path) -> int:
    """Runs the system; the exit code: 0 after a clean stop, 1 when it could not start."""
    try:
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        with only_one(folder):
            _check_whole(folder)
            plan = make_plan(scale, folder)
            preparing.prepare(bundles.folder(None), plan.wanted())
            _check_port(plan.url)
            return asyncio.run(_Up(plan, folder / "logs").run())
    except (OSError, RuntimeError) as error:
        _report(str(error))
        return 1


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder's lock: two systems must not write to one Redis's files."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RuntimeError(
                f"another `doctorai up` runs with {folder}; stop it, or choose another --data"
            ) from error
        yield


def _check_whole(folder: Path) -> None:
    if (folder / STAGE).exists():
        raise RuntimeError(f"a restore to {folder} was interrupted: end it first, with `doctorai restore --undo`")


def _check_port(url: str) -> None:
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((parts.hostname, parts.port))
        except OSError as error:
            raise RuntimeError(f"{parts.netloc} cannot be used ({error.strerror}); choose another API_PORT") from error


class _Up:
    def __init__(self, plan: Plan, logs: Path) -> None:
        self._plan = plan
        self._logs = logs
        self._stop = asyncio.Event()
        self._children: list[Child] = []
        self._client = httpx.AsyncClient(timeout=2.0, verify=False)  # noqa: S501 - plain HTTP to this machine

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        started = time.monotonic()
        try:
            await self._start()
            await self._wait_until_ready(started)
            await self._stop.wait()
        finally:
            await self._client.aclose()
            await self._stop_all()
        return 0

    async def _start(self) -> None:
        programs = [self._plan.redis] if self._plan.redis else []
        for program in [*programs, *self._plan.services]:
            if self._stop.is_set():
                return
            await self._launch(program)
        if not self._stop.is_set():
            if password := await first_password(self._plan.gateway.environment):
                _show_password(password)  # before there is an account that it is for: whoever stops early has seen it
            await self._launch(self._plan.gateway)

    async def _launch(self, program: Program) -> None:
        log = self._logs / f"{program.name}.log"
        begin_run(log)
        child = Child(program, log, _report)
        self._children.append(child)
        await child.start()

    async def _wait_until_ready(self, started: float) -> None:
        wanted = self._plan.wanted()
        total = sum(wanted.values())
        missing = dict(wanted)
        with _console.status(f"0/{total} ready") as spinner:
            while missing and not self._stop.is_set() and time.monotonic() - started < _PATIENCE_S:
                missing = await self._missing(wanted)
                done = total - sum(missing.values())
                spinner.update(f"{done}/{total} ready; waiting for {', '.join(missing) or 'nothing'}")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _POLL_S if missing else 0.01)
        if not self._stop.is_set():
            await self._announce(total, missing, time.monotonic() - started)

    async def _announce(self, total: int, missing: Mapping[str, int], seconds: float) -> None:
        done, url = total - sum(missing.values()), self._plan.url
        mark = "[bold green]✓[/]" if not missing else "[bold yellow]![/]"
        _console.print(f"{mark} {done}/{total} ready in {seconds:.1f} s   {url}   documentation: {url}/docs")
        services = (await self._health()).get("services", {})
        for name in missing:
            _console.print(f"  {name}: {services.get(name, {}).get('reason', 'the gateway does not answer')}")
        _console.print(f"  page: {url}/" if self._plan.has_page else f"  {_NO_PAGE}", highlight=False)
        for words in hints(url, self._logs):
            _console.print(f"  {words}", highlight=False, markup=False, soft_wrap=True)

    async def _missing(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Service → instances that are not ready yet."""
        services = (await self._health()).get("services", {})
        missing = {}
        for name, count in wanted.items():
            instances = services.get(name, {}).get("instances", [])
            lacking = count - sum(instance["ready"] for instance in instances)
            if lacking > 0:
                missing[name] = lacking
        return missing

    async def _health(self) -> dict[str, Any]:
        try:
            return dict((await self._client.get(f"{self._plan.url}/api/health")).json())
        except (httpx.HTTPError, ValueError):
            return {}

    async def _stop_all(self) -> None:
        """The gateway first, so that nothing new comes in; Redis last, so that all can say goodbye to it."""
        _console.print("stopping …")
        kinds: list[list[Child]] = [
            [child for child in self._children if child.program.name == "gateway"],
            [child for child in self._children if child.program.service],
            [child for child in self._children if child.program.name == "redis"],
        ]
        for children in kinds:
            await asyncio.gather(*(child.stop(_GRACE_S) for child in children))
        _console.print("stopped")


def hints(url: str, logs: Path) -> tuple[str, str]:
    """What to do next: commands that reach this system from another terminal as they stand."""
    there = "" if url == DEFAULT_URL else f" --url {shlex.quote(url)}"
    place = logs.resolve()
    of = "" if place == FOLDER.resolve() else f" --folder {shlex.quote(str(place))}"
    return (
        f"try: doctorai login{there}, then doctorai predict IMAGE --model tumor{there}",
        f"logs: doctorai logs -f{of}   stop: Ctrl-C",
    )


def _show_password(password: str) -> None:
    name = os.environ.get("ADMIN_USERNAME", "admin")
    _console.print(f"first administrator: [bold]{name}[/]   password, shown this once: ", end="")
    _console.print(f"[bold]{password}[/]", highlight=False)


def _report(message: str) -> None:
    _console.print(f"[bold red]✗[/] {message}", highlight=False)
