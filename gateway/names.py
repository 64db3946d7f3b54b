"""Finds the addresses behind a service's name, without anything else having to wait for the name server.

Not the event loop's own lookups: they share a few threads with whatever else connects, a lookup that was given up goes
on in its thread, and a name server that hangs would soon hold up every new connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from urllib.parse import urlsplit

_TIMEOUT_S = 1.0


class Names:
    """Each name is looked up in a thread of its own, and not again before that has ended."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, int | None], asyncio.Future[list[str]]] = {}

    async def urls(self, url: str) -> list[str]:
        """A URL for each address that the name in ``url`` stands for: every replica of a scaled service.

        None when the name is unknown, or not known within a second.
        """
        parts = urlsplit(url)
        running = self._look_up(parts.hostname or "", parts.port)
        done, _ = await asyncio.wait([running], timeout=_TIMEOUT_S)
        return [f"{parts.scheme}://{address}:{parts.port}" for one in done for address in one.result()]

    def _look_up(self, host: str, port: int | None) -> asyncio.Future[list[str]]:
        key = (host, port)
        if key not in self._running:
            found = self._running[key] = asyncio.get_running_loop().create_future()
            found.add_done_callback(lambda _: self._running.pop(key))
            # a daemon, so that a stop does not wait for it
            threading.Thread(target=_ask, args=(host, port, found), name=f"name-{host}", daemon=True).start()
        return self._running[key]


def _ask(host: str, port: int | None, found: asyncio.Future[list[str]]) -> None:
    try:
        answers = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        answers = []
    addresses = sorted({str(address[0]) for *_, address in answers})
    # the loop may have ended meanwhile
    with contextlib.suppress(RuntimeError):
        found.get_loop().call_soon_threadsafe(found.set_result, addresses)
