"""Names of services: every address, and a name server that hangs holds nothing up."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.names import Names
from tests.support.processes import eventually


class NameServer:
    """What ``socket.getaddrinfo`` is replaced by: answers when it is told to."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.answers = threading.Event()

    def __call__(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked[host] += 1
        self.answers.wait()
        if host == "unknown":
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("10.0.0.2", "10.0.0.1")]


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    monkeypatch.setattr("gateway.names._TIMEOUT_S", 0.05)
    server = NameServer()
    monkeypatch.setattr("socket.getaddrinfo", server)
    yield server
    server.answers.set()


async def test_every_address_of_a_name(name_server: NameServer) -> None:
    name_server.answers.set()
    assert await Names().urls("http://xray:8080") == ["http://10.0.0.1:8080", "http://10.0.0.2:8080"]


@pytest.mark.parametrize("host", ["unknown", "", "a" * 70, "\udcff"])
async def test_a_name_that_there_is_not(host: str) -> None:
    assert await Names().urls(f"http://{host}:8080") == []


async def test_a_name_server_that_hangs_holds_nothing_up(name_server: NameServer) -> None:
    names = Names()
    many = [f"http://service{number}:8080" for number in range(50)]
    for _ in range(3):
        assert await asyncio.gather(*(names.urls(url) for url in many)) == [[]] * 50
    async with asyncio.timeout(1):
        assert await asyncio.to_thread(str, 1) == "1"
    assert set(name_server.asked.values()) == {1}, "asked again before it had answered"


async def test_one_that_answers_late_is_asked_again(name_server: NameServer) -> None:
    names = Names()
    assert await names.urls("http://xray:8080") == []
    name_server.answers.set()

    async def found() -> bool:
        return len(await names.urls("http://xray:8080")) == 2

    await eventually(found)
