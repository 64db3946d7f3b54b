"""`doctorai up` as a user runs it: starts, says so, restarts what crashed, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from cli.plan import ROOT
from tests.support.pictures import jpeg
from tests.support.processes import RedisServer, eventually, free_port

pytestmark = pytest.mark.integration
ONE = [word for name in ("chatbot", "lung_colon", "monkeypox", "tumor", "xray") for word in ("--scale", f"{name}=0")]


class Up:
    """A running `doctorai up` with one service, palm."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output.txt"
        self.page = folder / "page"
        self.page.mkdir(exist_ok=True)
        (self.page / "index.html").write_text("the page")
        environment = {**os.environ, "API_PORT": str(self.port), "PAGE_PATH": str(self.page)}
        environment.pop("REDIS_URL", None)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "up", "--data", str(folder / "data"), *ONE],
                env=environment,
                cwd=ROOT,
                stdout=output,
                stderr=output,
            )

    def children(self) -> dict[str, psutil.Process]:
        """Module or program → process."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # one that has just ended
                words = child.cmdline()
                if words:
                    found[words[2] if "-m" in words else Path(words[0]).name] = child
        return found

    def text(self) -> str:
        return self.output.read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    found = Up(tmp_path)
    yield found
    if found.process.poll() is None:
        found.stop()


@pytest_asyncio.fixture
async def client(up: Up) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=up.url, timeout=10) as found:

        async def announced() -> bool:
            return "ready in" in up.text()

        await eventually(announced, 60)
        password = re.search(r"shown this once: (\S+)", up.text())
        assert password
        form = {"username": "admin", "password": password[1]}
        token = (await found.post("/api/token", data=form)).raise_for_status().json()["access_token"]
        found.headers["Authorization"] = f"Bearer {token}"
        yield found


async def test_start_predict_crash_stop(up: Up, client: httpx.AsyncClient) -> None:
    assert "1/1 ready" in up.text()
    assert f"page: {up.url}/" in up.text()
    assert f"doctorai login --url {up.url}," in up.text()
    assert f"doctorai logs -f --folder {up.folder / 'data' / 'logs'} " in up.text()
    assert (await client.get("/", headers={"Authorization": ""})).text == "the page"
    assert await _answers(client)
    children = up.children()
    assert {"services.palm", "gateway"} < children.keys()
    crashed = children["services.palm"].pid
    os.kill(crashed, signal.SIGKILL)

    async def restarted() -> bool:
        now = up.children().get("services.palm")
        return now is not None and now.pid != crashed and await _answers(client)

    await eventually(restarted, 30)
    assert "palm-1 was ended by SIGKILL; starting it again in 0.5 s" in up.text()
    everyone = [child.pid for child in up.children().values()]
    assert up.stop() == 0
    assert "stopped" in up.text()
    assert not [pid for pid in everyone if psutil.pid_exists(pid)]


async def test_nobody_is_left_when_the_supervisor_is_killed(up: Up, client: httpx.AsyncClient) -> None:
    everyone = list(up.children().values())
    up.process.kill()
    up.process.wait()

    async def gone() -> bool:
        return not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in everyone)

    await eventually(gone, 30)


async def test_a_second_one_says_why_it_does_not_start(up: Up, client: httpx.AsyncClient) -> None:
    same = await asyncio.to_thread(start_another, up.folder / "data", free_port())
    assert same.returncode == 1
    assert "another `doctorai up` runs" in same.stderr
    other = await asyncio.to_thread(start_another, up.folder / "other", up.port)
    assert other.returncode == 1
    assert "API_PORT" in other.stderr


def start_another(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", "up", "--data", str(data)]
    environment = {**os.environ, "API_PORT": str(port), "COLUMNS": "200"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


async def test_the_password_is_shown_once(up: Up, client: httpx.AsyncClient) -> None:
    """The second start finds the account, and the token of the first still holds: the key is kept."""
    assert up.stop() == 0
    again = Up(up.folder)
    try:

        async def announced() -> bool:
            return "ready in" in again.text()

        await eventually(announced, 60)
        assert "shown this once" not in again.text()
        log = again.folder / "data" / "logs" / "gateway.log"
        assert log.read_text().count("process_launched") == 2, "the first run's log is kept"
        async with httpx.AsyncClient(base_url=again.url, headers=client.headers) as later:
            assert (await later.get("/api/me")).json()["username"] == "admin"
    finally:
        again.stop()


def test_an_early_stop_is_clean(up: Up) -> None:
    while not up.children():
        time.sleep(0.02)
    assert up.stop() == 0


def test_a_setting_that_does_not_parse_is_named(tmp_path: Path, redis_server: RedisServer) -> None:
    environment = {**os.environ, "MAX_IMAGE_SIZE": "ten", "REDIS_URL": redis_server.url}
    run = subprocess.run(
        [sys.executable, "-m", "gateway"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.startswith("MAX_IMAGE_SIZE:")
    assert len(run.stderr.strip().splitlines()) == 1


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        response = await client.post("/api/predict/palm", files={"file": ("a.jpg", jpeg())})
    except httpx.HTTPError:
        return False
    return response.status_code == 200
