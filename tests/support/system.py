"""A whole system of real processes on free ports, each of which a test may kill, freeze or start again."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from cli.plan import ROOT
from tests.support.processes import RedisServer, eventually, free_port, wait_for_port

ADMIN_PASSWORD = "an-administrator-of-tests"
SECRET_KEY, SERVICE_TOKEN = secrets.token_hex(32), secrets.token_hex(32)


@dataclass
class Process:
    """One child process that can be started again as it was."""

    module: str
    port: int
    environment: dict[str, str]
    log: Path
    popen: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env={**os.environ, **self.environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def signal(self, number: signal.Signals) -> None:
        assert self.popen
        self.popen.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and waits until it is gone."""
        if self.popen:
            self.popen.kill()
            self.popen.wait()

    def rss_bytes(self) -> int:
        assert self.popen
        pages = Path(f"/proc/{self.popen.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@dataclass
class System:
    """Redis, the services and a gateway."""

    redis: RedisServer
    services: dict[str, Process]
    gateway: Process
    models: Path
    audit: Path
    extra: list[Process] = field(default_factory=list)
    key: str = ""

    @property
    def url(self) -> str:
        return self.gateway.url

    def client(self, timeout: float = 60) -> httpx.AsyncClient:
        """A client of the gateway that shows a clinician's key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout)

    def sign_in(self) -> dict[str, str]:
        """The administrator's headers."""
        form = {"username": "admin", "password": ADMIN_PASSWORD}
        answer = httpx.post(f"{self.url}/api/token", data=form, timeout=10).raise_for_status().json()
        return {"Authorization": f"Bearer {answer['access_token']}"}

    def make_key(self, **wanted: object) -> str:
        """A new API key, a clinician's unless ``wanted`` says otherwise."""
        body = {"name": "tests", "role": "clinician", **wanted}
        answer = httpx.post(f"{self.url}/api/keys", json=body, headers=self.sign_in(), timeout=10)
        return str(answer.raise_for_status().json()["key"])

    async def health(self, client: httpx.AsyncClient) -> dict[str, object]:
        body: dict[str, object] = (await client.get(f"{self.url}/api/health")).json()
        return body

    async def until(self, client: httpx.AsyncClient, model: str, *, is_ready: bool, timeout_s: float) -> float:
        """Waits until the health says of ``model`` what is wanted; the seconds that it took."""

        async def check() -> bool:
            try:
                models = (await self.health(client))["models"]
            except (httpx.HTTPError, KeyError):
                return False
            return isinstance(models, dict) and models.get(model) is is_ready

        return await eventually(check, timeout_s)

    def stop(self) -> None:
        for process in (self.gateway, *self.services.values(), *self.extra):
            process.kill()
        self.redis.stop()


def service_process(name: str, module: str, redis: RedisServer, models: Path, folder: Path) -> Process:
    port = free_port()
    environment = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "ADVERTISE_ADDRESS": f"http://127.0.0.1:{port}",
        "MODEL_PATH": str(models),
        "REDIS_URL": redis.url,
        "SERVICE_TOKEN": SERVICE_TOKEN,
    }
    if models.resolve() == ROOT / "models":  # what ships is not a test's to choose among
        (folder / "serving").mkdir(exist_ok=True)
        environment["SERVING_PATH"] = str(folder / "serving")
    return Process(module, port, environment, folder / f"{name}-{port}.log")


def gateway_process(redis: RedisServer, services: dict[str, Process], folder: Path) -> Process:
    addresses = {name: [process.url] for name, process in services.items()}
    port = free_port()
    environment = {
        "API_HOST": "127.0.0.1",
        "API_PORT": str(port),
        "REDIS_URL": redis.url,
        "SERVICE_ADDRESSES": json.dumps({"chatbot": [], **addresses}),
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "SECRET_KEY": SECRET_KEY,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "AUDIT_LOG_PATH": str(folder / "audit"),
        "FEEDBACK_PATH": str(folder / "feedback"),
    }
    return Process("gateway", port, environment, folder / f"gateway-{port}.log")


@contextmanager
def running_system(folder: Path, modules: dict[str, str], models: Path) -> Iterator[System]:
    """Starts a system of ``modules`` (service → module) and stops it whatever happens."""
    (folder / "redis").mkdir(parents=True, exist_ok=True)
    redis = RedisServer(folder / "redis")
    redis.start()
    services = {name: service_process(name, module, redis, models, folder) for name, module in modules.items()}
    system = System(redis, services, gateway_process(redis, services, folder), models, folder / "audit")
    try:
        for process in (*services.values(), system.gateway):
            process.start()
        wait_for_port(system.gateway.port, 30)
        system.key = system.make_key()
        yield system
    finally:
        system.stop()
