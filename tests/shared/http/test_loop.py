"""The servers' event loop: an address is not looked up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest
import uvloop

from shared.http.server import server_config


async def _not_an_app(*_: object) -> None:
    raise AssertionError


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    factory = server_config(_not_an_app, "127.0.0.1", 0, 1).get_loop_factory()
    assert factory
    loop = factory()
    yield loop
    loop.close()


def test_a_connection_to_an_address_waits_for_no_lookup(loop: asyncio.AbstractEventLoop) -> None:
    assert isinstance(loop, uvloop.Loop)
    lookup = loop.getaddrinfo("127.0.0.1", 80, family=socket.AF_INET)
    with pytest.raises(StopIteration) as at_once:
        lookup.__await__().send(None)
    assert at_once.value.value[0][4] == ("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["localhost", b"localhost", None])
def test_names_are_looked_up(loop: asyncio.AbstractEventLoop, host: str | bytes | None) -> None:
    found = loop.run_until_complete(loop.getaddrinfo(host, 80, family=socket.AF_INET))
    assert {address[0] for *_, address in found} <= {"127.0.0.1", "127.0.1.1"}
