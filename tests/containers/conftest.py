"""The whole system in containers, built from this checkout and started once for all tests of this folder."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import REPOSITORY
from tests.support.docker import need_engine

TAG = os.environ.get("TEST_TAG", "test")
_PORTS = ("API_PORT", "FRONTEND_PORT", "PROMETHEUS_PORT", "ALERTMANAGER_PORT", "TLS_PORT", "HTTP_PORT")
SERVICES = ("tumor", "xray", "monkeypox", "lung_colon", "palm", "chatbot")


@dataclass(frozen=True)
class Compose:
    """A project of its own, with ports and networks of its own."""

    environment: dict[str, str]
    files: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['API_PORT']}"

    def __call__(self, *words: str, timeout_s: float = 600) -> str:
        done = subprocess.run(
            ["docker", "compose", *(word for file in self.files for word in ("-f", file)), *words],
            cwd=REPOSITORY, env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=timeout_s,
        )  # fmt: skip
        assert done.returncode == 0, f"compose {' '.join(words)}: {done.stderr[-3000:]}"
        return done.stdout

    def ids(self, service: str) -> list[str]:
        return self("ps", "-q", service).split()

    def admin_password(self) -> str:
        """The one that the system made."""
        return self("exec", "-T", "gateway", "cat", "/secrets-gateway/admin_password").strip()

    def python(self, service: str, program: str) -> str:
        """What ``program`` prints inside a container."""
        return self("exec", "-T", service, "python", "-c", program).strip()


def docker(*words: str) -> Any:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker Engine with Compose; the test skips where none answers."""
    need_engine()


@contextmanager
def project(number: int, *files: str) -> Iterator[Compose]:
    """A project with names, ports and networks of its own; gone afterwards with all that it kept."""
    name = f"doctorai-{secrets.token_hex(4)}"
    subnets = {"APP_SUBNET": f"10.213.{number}.0/24", "BACK_SUBNET": f"10.213.{number + 1}.0/24", "APP_NETWORK": name}
    ports = {key: str(free_port()) for key in _PORTS}
    known = {
        "COMPOSE_PROJECT_NAME": name,
        "TAG": TAG,
        "PROMETHEUS_IMAGE": "prom/prometheus:latest",
        "ALERTMANAGER_IMAGE": "prom/alertmanager:latest",
        "REDIS_EXPORTER_IMAGE": "oliver006/redis_exporter:latest",
        "DEV_TAG": f"{TAG}-dev",
        "TLS_BIND": "127.0.0.1",
    }
    compose = Compose({**known, **ports, **subnets}, files)
    try:
        yield compose
    finally:
        compose("down", "--volumes", "--timeout", "5")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def compose(engine: None) -> Iterator[Compose]:
    """The whole system, built, up, and healthy."""
    with project(1, "docker-compose.yml") as compose:
        compose("build", timeout_s=1800)
        compose("up", "-d", "--wait", "--wait-timeout", "180", "gateway", "redis", *SERVICES)
        yield compose


@pytest.fixture(scope="session")
def client(compose: Compose) -> Iterator[httpx.Client]:
    """Signed in as the administrator that the system made."""
    password = compose.admin_password()
    with httpx.Client(base_url=compose.url, timeout=30) as client:
        answer = client.post("/api/token", data={"username": "admin", "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def picture() -> bytes:
    """The tumor bundle's golden picture."""
    return (Path(REPOSITORY) / "models" / "tumor" / "1.0.0" / "golden.png").read_bytes()
