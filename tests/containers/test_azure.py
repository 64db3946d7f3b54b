"""The Azure overlay: the one-shot container fetches from outside, and keeps the connection string to itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.containers.conftest import Compose, docker, project
from tests.support.azurite import KEY, azurite, connection_string
from tests.support.toy import write_toy_bundle

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
_NUMBER = 30
_HOST = f"10.213.{_NUMBER}.1"
"""This machine, as the containers see it."""


@pytest.fixture
def compose(engine: None, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Compose]:
    """Not started; beside it a storage that holds nothing."""
    with project(_NUMBER, "docker-compose.yml", "deploy/compose.azure.yml") as compose:
        file = tmp_path / "connection"
        file.touch(mode=0o644)
        compose.environment["AZURE_STORAGE_CONNECTION_STRING_FILE"] = str(file)
        compose("build", "models", timeout_s=1800)
        compose("create", "models")  # and its network, which the storage listens on
        cache = request.config.cache.mkdir("azurite")  # type: ignore[union-attr]
        with azurite(cache, host=_HOST) as port:
            file.write_text(connection_string(port, host=_HOST))
            yield compose


def push(compose: Compose, root: Path) -> None:
    """As from another machine."""
    file = compose.environment["AZURE_STORAGE_CONNECTION_STRING_FILE"]
    command = [sys.executable, "-m", "cli", "models", "push", str(root)]
    environment = {"AZURE_STORAGE_CONNECTION_STRING_FILE": file, "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, timeout=60)


def versions(compose: Compose) -> str:
    return compose("run", "--rm", "-T", "models", "models", "versions", "xray")


def test_models_come_from_the_storage(compose: Compose, tmp_path: Path) -> None:
    push(compose, write_toy_bundle(tmp_path, service="xray", model="xray", version="3.0.0"))
    compose("up", "--exit-code-from", "models", "models")
    logs = compose("logs", "models")
    assert "xray/3.0.0 was fetched" in logs
    assert "tumor: no model under the model path; the one that ships (1.0.0) was copied there" in logs
    assert "3.0.0" in versions(compose)

    push(compose, write_toy_bundle(tmp_path, service="xray", model="xray", version="3.1.0"))
    said = compose("run", "--rm", "-T", "models", "models", "pull")
    assert "xray/3.1.0 was fetched" in said
    assert "3.1.0" in versions(compose)

    (found,) = docker("inspect", *compose("ps", "-aq", "models").split())
    assert KEY not in str(found["Config"]) + logs + said
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["Config"]["User"] == "10001:10001"


def test_a_start_without_the_storage(compose: Compose) -> None:
    """The system starts with what ships."""
    Path(compose.environment["AZURE_STORAGE_CONNECTION_STRING_FILE"]).write_text(connection_string(1, host=_HOST))
    compose("up", "--exit-code-from", "models", "models")
    logs = compose("logs", "models")
    assert "cannot be reached: Connection refused" in logs
    assert "the one that ships (1.0.0) was copied there" in logs
