"""The Redis of the HA overlay, and what people ask of the system while it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.containers.conftest import Compose, picture

SERVERS = ("redis", "redis-replica-1", "redis-replica-2")
SENTINELS = ("sentinel-1", "sentinel-2", "sentinel-3")
PASSWORD = "a clinician's long password"
_AS_ADMIN = 'REDISCLI_AUTH="$(cat /secrets/redis_admin_password)" exec redis-cli -p {port} --user admin {words}'


def redis_cli(compose: Compose, container: str, *words: str) -> str:
    """What that server, or Sentinel, answers its administrator."""
    port = 26379 if container in SENTINELS else 6379
    return compose("exec", "-T", container, "sh", "-c", _AS_ADMIN.format(port=port, words=" ".join(words))).strip()


def primary(compose: Compose, sentinel: str = "sentinel-1") -> str:
    """The name of the primary, as a Sentinel has it."""
    return redis_cli(compose, sentinel, "sentinel", "get-master-addr-by-name", "doctorai").split()[0]


def replication(compose: Compose, server: str) -> dict[str, str]:
    """What that server says of its part."""
    lines = redis_cli(compose, server, "info", "replication").splitlines()
    return dict(line.strip().split(":", 1) for line in lines if ":" in line)


@dataclass
class Asked:
    """One question: when it was asked and answered (seconds, monotonic), and with what."""

    begun: float
    ended: float
    status: int
    name: str = ""


@dataclass
class Traffic:
    """Sign-ins, new accounts and predictions, side by side, until it is stopped."""

    url: str
    token: str
    password: str
    asked: dict[str, list[Asked]] = field(default_factory=lambda: {"sign-in": [], "account": [], "prediction": []})
    stopped: threading.Event = field(default_factory=threading.Event)

    def acknowledged(self) -> list[str]:
        """The names of the accounts that were made."""
        return [one.name for one in self.asked["account"] if one.status == 201]

    def failures(self, kind: str) -> list[Asked]:
        return [one for one in self.asked[kind] if one.status not in (200, 201)]

    def out_s(self, kind: str, since: float) -> float:
        """Seconds from ``since`` to the first answer after the last failure; 0 when nothing failed."""
        failed = [one.ended for one in self.failures(kind)]
        if not failed:
            return 0.0
        return next(one.ended for one in self.asked[kind] if one.begun > max(failed)) - since

    def longest_s(self, kind: str) -> float:
        return max(one.ended - one.begun for one in self.asked[kind])

    def until_going(self, since: float, timeout_s: float = 60) -> None:
        """Waits until the last five of each were answered well, none of them asked before ``since``."""
        ends = time.monotonic() + timeout_s
        while not all(_well(asked, since) for asked in self.asked.values()):
            assert time.monotonic() < ends, {kind: asked[-5:] for kind, asked in self.asked.items()}
            time.sleep(0.1)

    def run(self) -> list[threading.Thread]:
        works = {"sign-in": self._sign_in, "account": self._account, "prediction": self._predict}
        return [threading.Thread(target=self._repeat, args=(kind, work)) for kind, work in works.items()]

    def _repeat(self, kind: str, work: Callable[[httpx.Client, str], httpx.Response]) -> None:
        with httpx.Client(base_url=self.url, timeout=30, headers={"Authorization": f"Bearer {self.token}"}) as client:
            while not self.stopped.wait(0.1):
                name, begun = f"{kind}-{time.time_ns()}", time.monotonic()
                try:
                    status = work(client, name).status_code
                except httpx.HTTPError:
                    status = 0
                self.asked[kind].append(Asked(begun, time.monotonic(), status, name))

    def _sign_in(self, client: httpx.Client, name: str) -> httpx.Response:
        data = {"username": "admin", "password": self.password}
        return httpx.post(f"{self.url}/api/token", data=data, timeout=30)

    def _account(self, client: httpx.Client, name: str) -> httpx.Response:
        return client.post("/api/users", json={"username": name, "password": PASSWORD})

    def _predict(self, client: httpx.Client, name: str) -> httpx.Response:
        data = picture() + time.time_ns().to_bytes(8, "big")  # one that no cache knows
        return client.post("/api/predict/tumor", files={"file": ("a.png", data, "image/png")})


def _well(asked: list[Asked], since: float) -> bool:
    return [one.status in (200, 201) and one.begun > since for one in asked[-5:]] == [True] * 5


@contextmanager
def traffic(client: httpx.Client, password: str) -> Iterator[Traffic]:
    """Asks, side by side, as long as the block lasts."""
    found = Traffic(str(client.base_url), client.headers["Authorization"].removeprefix("Bearer "), password)
    threads = found.run()
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.stopped.set()
        for thread in threads:
            thread.join()
