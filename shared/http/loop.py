"""The event loop of our servers."""

from __future__ import annotations

import socket
from typing import Any

import uvloop


class Loop(uvloop.Loop):
    """uvloop's, but connects to an address without looking it up.

    uvloop 0.23 takes an address for a name when the caller does not say what it is for, as ``sock_connect`` does, and
    so aiohttp. It has four threads to look names up in: four that hang would hold up all connections.
    """

    async def getaddrinfo(self, host: Any, port: Any, **what: int) -> list[Any]:
        return list(await super().getaddrinfo(host, port, **what | {"type": what.get("type") or socket.SOCK_STREAM}))
