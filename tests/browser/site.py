"""The system that `make run` starts, with its page."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.conftest import REPOSITORY
from tests.support.bundles import edit_manifest
from tests.support.processes import eventually_sync, free_port

PASSWORD = "an-administrator-of-tests"
OLDER = "0.9.0"
"""A version of xray that is not served."""


@dataclass(frozen=True)
class Site:
    """A running system with its page."""

    url: str
    supervisor: int

    def processes(self, service: str) -> list[psutil.Process]:
        """Those of a service that run now."""
        below = psutil.Process(self.supervisor).children(recursive=True)
        return [one for one in below if _runs(one, f"services.{service}")]

    def gateways(self) -> list[psutil.Process]:
        below = psutil.Process(self.supervisor).children(recursive=True)
        return [one for one in below if _runs(one, "gateway")]

    def kill(self, service: str) -> None:
        for process in self.processes(service):
            process.kill()

    def token(self) -> str:
        """An administrator's, for what a test does behind the page's back."""
        form = {"username": "admin", "password": PASSWORD}
        answer = httpx.post(f"{self.url}/api/token", data=form, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


def _runs(process: psutil.Process, module: str) -> bool:
    try:
        return module in process.cmdline()
    except psutil.NoSuchProcess:
        return False


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """`make run`, as the README says, with ``folder`` for its data and a port of its own."""
    port = free_port()
    environment = {
        "API_PORT": str(port),
        "ADMIN_PASSWORD": PASSWORD,
        "EMERGENCY_NUMBER": "112",
        "LOG_LEVEL": "WARNING",
        "MODEL_PATH": str(_models(folder / "models")),
    }
    log = folder / "make-run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run", f"ARGS=--data {folder}"],
            cwd=REPOSITORY,
            env={**os.environ, **environment, "PATH": _path()},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    found = Site(f"http://127.0.0.1:{port}", process.pid)
    try:
        eventually_sync(lambda: process.poll() is not None or _is_healthy(found), timeout_s=420)
        assert process.poll() is None, log.read_text(encoding="utf-8")[-4000:]
        yield found
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def _models(folder: Path) -> Path:
    """The bundles that ship, and an older version of one, so that versions can be exchanged."""
    shutil.copytree(REPOSITORY / "models", folder, ignore=shutil.ignore_patterns("serving.json", ".*"))
    older = shutil.copytree(folder / "xray" / "1.0.0", folder / "xray" / OLDER)
    edit_manifest(older, lambda values: values.update(version=OLDER))
    return folder


def _path() -> str:
    """Where node is, too, whatever started this."""
    node = shutil.which("node")
    return os.pathsep.join(filter(None, [os.environ.get("PATH", ""), node and str(Path(node).parent)]))


def _is_healthy(site: Site) -> bool:
    try:
        return bool(httpx.get(f"{site.url}/api/health", timeout=5).json()["status"] == "healthy")
    except (httpx.HTTPError, KeyError, ValueError):
        return False
