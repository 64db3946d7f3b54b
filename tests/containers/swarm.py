"""A stack on a real swarm: made from nothing, updated as an operator does it, and removed again."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.support.processes import eventually_sync

_FILE = "deploy/docker-compose.swarm.yml"
_SCRIPT = "deploy/swarm/secrets.sh"
_REDIS_LABEL = "doctorai.redis"
SECRETS = (
    "tls.crt",
    "tls.key",
    "service_token",
    "secret_key",
    "admin_password",
    "users.acl",
    *(f"redis_{user}_password" for user in ("service", "gateway", "health", "backup", "admin")),
)
_ENDED = ("completed", "rollback_completed", "paused", "rollback_paused")
VOLUMES = ("models", "redis", "audit")


@dataclass(frozen=True)
class Stack:
    """``environment``: what the stack's file is filled in with."""

    name: str
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.environment['TLS_PORT']}"

    def deploy(self, tag: str) -> None:
        """Begins to run the images of ``tag``."""
        command = ["docker", "stack", "deploy", "--resolve-image", "never", "--detach", "-c", _FILE, self.name]
        run(*command, environment=self.environment | {"TAG": tag})

    def wait_for_update(self, services: Iterable[str], timeout_s: float = 300) -> dict[str, str]:
        """Until each has its new tasks for as long as Swarm watches them, or its former ones back; how it ended."""
        ended: dict[str, str] = {}

        def have_ended() -> bool:
            states = {one: self.service(one).get("UpdateStatus", {}).get("State", "new") for one in services}
            ended.update({one: state for one, state in states.items() if state in _ENDED})
            return len(ended) == len(states)

        eventually_sync(have_ended, timeout_s)
        return ended

    def secrets(self, tag: str) -> str:
        return run("sh", _SCRIPT, environment=self.environment | {"TAG": tag})

    def scale(self, service: str, replicas: int) -> None:
        run("docker", "service", "scale", "--detach", f"{self.name}_{service}={replicas}")

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Those that run, as Docker describes them."""
        label = f"label=com.docker.swarm.service.name={self.name}_{service}"
        ids = run("docker", "ps", "-q", "-f", label).split()
        # one of them may end meanwhile
        with suppress(AssertionError):
            return list(json.loads(run("docker", "inspect", *ids))) if ids else []
        return self.containers(service)

    def well(self, service: str) -> int:
        """How many of its containers are healthy, or run where there is nothing that tells."""
        states = [one["State"] for one in self.containers(service)]
        return sum(state.get("Health", {"Status": "healthy"})["Status"] == "healthy" for state in states)

    def read(self, service: str, path: str) -> str:
        """A file inside a container of ``service``."""
        return run("docker", "exec", self.containers(service)[0]["Id"], "cat", path)

    def service(self, name: str) -> dict[str, Any]:
        return dict(json.loads(run("docker", "service", "inspect", f"{self.name}_{name}"))[0])

    def image(self, service: str) -> str:
        """The tag that ``service`` is meant to run."""
        found: str = self.service(service)["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        return found.partition("@")[0].rpartition(":")[2]

    def left(self) -> list[str]:
        """What there is of it: services, containers, networks and configs."""
        label = f"label=com.docker.stack.namespace={self.name}"
        kinds = (("service", "ls"), ("ps", "-a"), ("network", "ls"), ("config", "ls"))
        return [one for kind in kinds for one in run("docker", *kind, "-q", "-f", label).split()]

    def remove(self) -> None:
        run("docker", "stack", "rm", self.name)
        eventually_sync(lambda: not self.left(), timeout_s=120)


def run(*command: str, environment: dict[str, str] | None = None, given: str = "", timeout_s: float = 300) -> str:
    """What ``command`` prints. Fails with what it complained of."""
    done = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **(environment or {})}, input=given, capture_output=True,
        text=True, timeout=timeout_s,
    )  # fmt: skip
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-3000:]}"
    return done.stdout


@contextmanager
def swarm() -> Iterator[None]:
    """This engine as a manager with a node for Redis; afterwards as it was. Skips on a swarm's worker."""
    state = run("docker", "info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}").split()
    if state == ["active", "false"]:
        pytest.skip("this engine is a worker of a swarm")
    ours = state[0] == "inactive"
    if ours:
        run("docker", "swarm", "init", "--advertise-addr", "127.0.0.1")
    try:
        with _label():
            yield
    finally:
        if ours:
            run("docker", "swarm", "leave", "--force")


@contextmanager
def _label() -> Iterator[None]:
    node = json.loads(run("docker", "node", "inspect", "self"))[0]
    if _REDIS_LABEL in node["Spec"]["Labels"]:
        yield
        return
    run("docker", "node", "update", "--label-add", f"{_REDIS_LABEL}=true", node["ID"])
    try:
        yield
    finally:
        run("docker", "node", "update", "--label-rm", _REDIS_LABEL, node["ID"])


@contextmanager
def stack(environment: dict[str, str]) -> Iterator[Stack]:
    """A stack of its own name, not deployed yet; gone afterwards with all that it kept."""
    name = f"doctorai-{secrets.token_hex(4)}"
    found = Stack(name, {"STACK": name, **environment})
    try:
        yield found
    finally:
        found.remove()
        for secret in SECRETS:
            subprocess.run(["docker", "secret", "rm", f"{name}_{secret}"], capture_output=True)
        for volume in VOLUMES:
            subprocess.run(["docker", "volume", "rm", f"{name}_{volume}"], capture_output=True)
