"""The head of a request is bounded before anything of it is understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from shared.http import protocol
from shared.http.protocol import LARGEST_HEAD, BoundedHttp
from tests.support.processes import eventually, free_port


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells the names of the headers, after it has read the body."""
    while (await receive()).get("more_body", False):
        pass
    await JSONResponse([name.decode() for name, _ in scope["headers"]])(scope, receive, send)


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=free_port(), http=BoundedHttp, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    try:
        yield config.port
    finally:
        server.should_exit = True
        await task


async def exchange(port: int, *parts: bytes) -> bytes:
    """What comes back until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


START = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


async def test_a_large_head_passes() -> None:
    async with serving() as port:
        said = await exchange(port, START, b"X-A: " + b"a" * (LARGEST_HEAD // 2), b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("rest", [b"X-A: " + b"a" * 4 * LARGEST_HEAD, b"X-A: a\r\n" * LARGEST_HEAD])
async def test_a_head_without_an_end_does_not(rest: bytes) -> None:
    async with serving() as port:
        said = await exchange(port, START, rest)
    assert said == b"" or said.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("start", [b"", b"GET / HT", START])
async def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN_S", 0.1)
    async with serving() as port, asyncio.timeout(5):
        assert await exchange(port, start) == b""


async def test_the_next_request_on_a_connection_is_bounded_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN_S", 0.1)
    async with serving() as port, asyncio.timeout(5):
        said = await exchange(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HT")
    assert said.count(b"HTTP/1.1 200") == 1


async def test_trailers_are_dropped() -> None:
    body = b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: a\r\n\r\n"
    async with serving() as port:
        said = await exchange(port, b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + body)
    assert said.endswith(b'["host","connection","transfer-encoding"]')
