"""The development overlay: a file that is saved restarts what runs its code, without a new container."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import REPOSITORY
from tests.containers.conftest import Compose, docker, project
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
_WORKING = """
import psutil
found = psutil.process_iter(["cmdline"])  # leaves out what ends meanwhile
print(*(one.pid for one in found if (one.info["cmdline"] or [])[1:3] == ["-m", "gateway"]))
"""


@pytest.fixture(scope="module")
def dev(engine: None) -> Iterator[Compose]:
    """Gateway and page, from this checkout's files."""
    with project(5, "docker-compose.yml", "deploy/docker-compose.dev.yml") as compose:
        compose("build", "gateway", "frontend", "secrets", timeout_s=1800)
        compose("up", "-d", "--wait", "--wait-timeout", "120", "gateway", "frontend", "redis")
        yield compose


def test_a_saved_file_restarts_the_gateway(dev: Compose) -> None:
    file = REPOSITORY / "shared" / "version.py"
    before = dev.python("gateway", _WORKING)
    assert before
    file.write_bytes(file.read_bytes())  # saved, not changed
    eventually_sync(lambda: dev.python("gateway", _WORKING) not in ("", before), timeout_s=90)
    eventually_sync(lambda: _alive(dev), timeout_s=90)
    (found,) = docker("inspect", *dev.ids("gateway"))
    assert found["RestartCount"] == 0


def test_the_page_is_served_from_its_source(dev: Compose) -> None:
    page = f"http://127.0.0.1:{dev.environment['FRONTEND_PORT']}"
    assert "/@vite/client" in httpx.get(page, timeout=60).text
    assert "createRoot" in httpx.get(f"{page}/src/main.tsx", timeout=60).text
    assert httpx.get(f"{page}/api/health", timeout=60).json()["version"]


def test_it_stops_in_time(dev: Compose) -> None:
    dev("stop", "gateway", timeout_s=60)
    (found,) = docker("inspect", *dev("ps", "-aq", "gateway").split())
    assert found["State"]["ExitCode"] != 137, "killed: it did not stop by itself"


def _alive(compose: Compose) -> bool:
    try:
        return httpx.get(f"{compose.url}/livez").status_code == 200
    except httpx.HTTPError:
        return False
