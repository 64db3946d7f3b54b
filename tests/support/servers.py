"""An application behind a real HTTP server inside the test, and requests to it that no client would send."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from shared.http.server import server_config
from tests.support.processes import eventually


@asynccontextmanager
async def serving(app: FastAPI, trusted_proxies: Iterable[str] = ()) -> AsyncIterator[int]:
    """The port that ``app`` is served on, as a process of ours serves it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(server_config(app, "127.0.0.1", 0, 1, tuple(trusted_proxies)))
        task = asyncio.create_task(server.serve([listener]))

        async def started() -> bool:
            return server.started or task.done()

        try:
            await eventually(started)
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await task


async def raw_request(port: int, target: str, headers: Iterable[str] = (), method: str = "GET") -> tuple[int, str]:
    """The status and the body of an answer to a request line that is sent as it stands."""
    lines = [f"{method} {target} HTTP/1.1", "Host: test", "Connection: close", *headers]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await writer.drain()
        answer = (await asyncio.wait_for(reader.read(), 10)).decode()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split(" ", 2)[1]), body
