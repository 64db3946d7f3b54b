"""In containers: an administrator chooses a version over HTTP, and the weights stay what nobody can write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.containers.conftest import Compose, project
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
_SECOND = """
import json, shutil
from pathlib import Path
home = Path("/models/tumor")
shutil.copytree(home / "1.0.0", home / ".making")
manifest = json.loads((home / ".making/manifest.json").read_text())
(home / ".making/manifest.json").write_text(json.dumps(manifest | {"version": "1.1.0"}))
(home / ".making").rename(home / "1.1.0")
(home / "serving.json").write_text('{"active": "1.0.0"}')
"""
"""As a user had it before there was a folder for choices."""
_WRITE = """
try:
    open("/models/tumor/1.0.0/model.tflite", "ab")
except OSError as error:
    print(error.strerror)
"""


@pytest.fixture(scope="module")
def small(engine: None) -> Iterator[Compose]:
    """One model with two versions, of which the first is chosen."""
    with project(20, "docker-compose.yml") as compose:
        compose("build", "gateway", "tumor", "models", timeout_s=1800)
        compose("run", "--rm", "models")
        compose("run", "--rm", "--entrypoint", "python", "models", "-c", _SECOND)
        compose("up", "-d", "--wait", "--wait-timeout", "300", "gateway", "redis", "tumor")
        yield compose


@pytest.fixture(scope="module")
def admin(small: Compose) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=small.url, timeout=60) as client:
        form = {"username": "admin", "password": small.admin_password()}
        token = client.post("/api/token", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def until_served(admin: httpx.Client, version: str) -> None:
    def all_do() -> bool:
        found: dict[str, Any] = admin.get("/api/models/tumor/versions").json()
        return [one["version"] for one in found["instances"]] == [version]

    eventually_sync(all_do, 60)


def test_chosen_over_http_and_by_the_command_and_still_there_after_a_restart(
    small: Compose, admin: httpx.Client
) -> None:
    until_served(admin, "1.0.0")  # the choice beside the bundles counts
    found = admin.get("/api/models/tumor/versions").json()
    assert (found["writable"], found["why_not"]) == (True, None)
    answer = admin.post("/api/models/tumor/activate", json={"version": "1.1.0"})
    assert (answer.status_code, answer.json()["active"]) == (202, "1.1.0"), answer.text
    until_served(admin, "1.1.0")
    assert json.loads(small("exec", "-T", "tumor", "cat", "/models/tumor/serving.json"))["active"] == "1.0.0"
    rows = [line.split() for line in small("run", "--rm", "models", "models", "versions", "tumor").splitlines()]
    assert ["active" in row for row in rows if "1.1.0" in row] == [True]
    small("run", "--rm", "models", "models", "rollback", "tumor", "--no-wait")
    until_served(admin, "1.0.0")
    assert admin.post("/api/models/tumor/rollback").json()["active"] == "1.1.0"
    until_served(admin, "1.1.0")
    small("restart", "tumor")
    small("up", "-d", "--wait", "--wait-timeout", "300", "--no-recreate", "tumor")
    until_served(admin, "1.1.0")


def test_the_weights_cannot_be_written(small: Compose) -> None:
    assert small.python("tumor", _WRITE) == "Read-only file system"
