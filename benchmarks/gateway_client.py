"""An HTTP client for load: prebuilt bytes out, the status in, nothing else done with either."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from httptools import HttpResponseParser

Done = Callable[["Connection", int, bytes], None]
"""Called with the connection, the status, and the body of what is not a 200."""


class Connection(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self, done: Done, lost: Callable[[], None]) -> None:
        self._done = done
        self._lost = lost
        self._parser = HttpResponseParser(self)
        self._body = b""
        self._transport: asyncio.WriteTransport | None = None

    def send(self, request: bytes) -> None:
        assert self._transport
        self._transport.write(request)

    def close(self) -> None:
        assert self._transport
        self._lost = _nobody
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost()

    def on_body(self, data: bytes) -> None:
        """Of the parser."""
        if self._parser.get_status_code() != 200:
            self._body += data

    def on_message_complete(self) -> None:
        """Of the parser."""
        body, self._body = self._body, b""
        self._done(self, self._parser.get_status_code(), body)


def _nobody() -> None:
    """Hears that a connection that was closed is closed."""


async def connect(port: int, count: int, done: Done, lost: Callable[[], None]) -> list[Connection]:
    """``count`` connections to a port of this machine."""
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Connection(done, lost), "127.0.0.1", port) for _ in range(count)]
    return [connection for _, connection in made]
