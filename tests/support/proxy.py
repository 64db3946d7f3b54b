"""A TCP proxy that counts, notes each request's first line, and breaks off where a test wants it."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator

_REQUEST = re.compile(rb"^(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP/1\.1\r\n", re.M)


class Proxy:
    """``limit``: after so many bytes of answers it resets what there is and refuses what comes.

    ``break_at``: after so many it resets what there is, once.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: set[socket.socket] = set()
        self.port = int(self._listener.getsockname()[1])
        self.limit: int | None = None
        self.break_at: int | None = None
        self.received = 0
        self.requests: list[str] = []
        self.on_request: Callable[[str], None] = lambda _: None
        threading.Thread(target=self._accept, daemon=True).start()

    def blobs_read(self) -> list[str]:
        """The names of blobs whose content was asked for, in their order; a name a request."""
        found = [line.split("?")[0].split("/", 3) for line in self.requests if line.startswith("GET ")]
        return [parts[3] for parts in found if len(parts) == 4]

    def forget(self) -> None:
        self.received, self.limit = 0, None
        self.requests.clear()

    def close(self) -> None:
        self._listener.close()
        self._reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_over():
                _reset(client)
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets |= {client, server}
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _is_over(self) -> bool:
        return self.limit is not None and self.received >= self.limit

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        for data in _chunks(client):
            for verb, target in _REQUEST.findall(data):
                line = f"{verb.decode()} {target.decode()}"
                self.requests.append(line)
                self.on_request(line)
            if self._is_over() or not _send(server, data):
                break
        self._forget(client, server)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        for data in _chunks(server):
            with self._lock:
                room = len(data) if self.limit is None else max(self.limit - self.received, 0)
                self.received += min(len(data), room)
            if not _send(client, data[:room]) or self._is_over():
                break
            if self.break_at is not None and self.received >= self.break_at:
                self.break_at = None
                self._reset()
        if self._is_over():
            self._reset()
        self._forget(client, server)

    def _reset(self) -> None:
        for one in list(self._sockets):
            _reset(one)

    def _forget(self, *ones: socket.socket) -> None:
        for one in ones:
            _reset(one)
            self._sockets.discard(one)


def _chunks(source: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            data = source.recv(65536)
        except OSError:
            return
        if not data:
            return
        yield data


def _send(target: socket.socket, data: bytes) -> bool:
    try:
        target.sendall(data)
    except OSError:
        return False
    return True


def _reset(one: socket.socket) -> None:
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()
