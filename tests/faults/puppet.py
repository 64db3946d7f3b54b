"""An instance that does what a test tells it to: it answers wrongly, late, half, or not at all, and sees what arrives.

It announces itself in Redis as any instance does, and always says that it is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import httpx
from redis.asyncio import Redis

from shared.redis import REDIS_ERRORS, heed_cancellation
from shared.registry import Instance, Registry
from tests.support.instances import prediction
from tests.support.processes import eventually

_BEAT_S = 0.5


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire, to an instance of ``service``."""

    service: str
    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for found, value in self.headers if found.lower() == name.lower()]


class Last(bytes):
    """What is written before the connection ends."""


Act = Callable[[Received], Awaitable[bytes | None]]
"""What is written to the connection; None ends it."""


def answer(body: str | bytes, status: int = 200, media_type: str = "application/json") -> bytes:
    """A well-formed answer."""
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def answering(after_s: float = 0.0, **changes: object) -> Act:
    """A prediction, changed as the test wishes, after a while."""

    async def act(received: Received) -> bytes:
        await asyncio.sleep(after_s)
        identifier = (received.all("x-request-id") or ["-"])[0]
        said = prediction(received.service).model_copy(
            update={"request_id": identifier, "instance": "puppet", **changes}
        )
        return answer(said.model_dump_json())

    return act


def saying(raw: bytes | None) -> Act:
    """These bytes, whatever is asked; None hangs up."""

    async def act(_: Received) -> bytes | None:
        return raw

    return act


async def never(_: Received) -> bytes | None:
    """Keeps the caller waiting until he leaves."""
    await asyncio.Event().wait()
    return None


class Puppet:
    """``act`` answers everything but the probes of health."""

    def __init__(self, redis_url: str, *, service: str = "toy", act: Act | None = None) -> None:
        self.act = act or answering()
        self.id = f"puppet-{uuid.uuid4().hex[:8]}"
        self.received: list[Received] = []
        self.open = 0
        """Requests that are in hand."""
        self._service = service
        self._redis_url = redis_url
        self._address = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def asked(self) -> int:
        return len(self.received)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._tasks.add(asyncio.create_task(self._announce()))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with Redis.from_url(self._redis_url) as redis:
            with contextlib.suppress(*REDIS_ERRORS):
                await Registry(redis).withdraw(self.id)

    async def until_used_by(self, gateway: str, timeout_s: float = 10) -> None:
        """Waits until the gateway at this URL knows it as ready."""

        async def used() -> bool:
            async with httpx.AsyncClient() as client:
                services = (await client.get(f"{gateway}/api/health")).json()["services"]
            found = services.get(self._service, {"instances": []})["instances"]
            return any(one["id"] == self.id and one["ready"] for one in found)

        await eventually(used, timeout_s)

    def instance(self) -> Instance:
        now = datetime.now(UTC)
        return Instance(
            id=self.id,
            service=self._service,
            model=self._service,
            address=self._address,
            version="1.0.0",
            digest="puppet",
            ready=True,
            last_seen=now,
        )

    async def _announce(self) -> None:
        async with Redis.from_url(self._redis_url, decode_responses=True) as redis:
            while True:
                with contextlib.suppress(*REDIS_ERRORS):
                    await Registry(redis).announce(self.instance())
                heed_cancellation()
                await asyncio.sleep(_BEAT_S)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while received := await _read(reader, self._service):
                said = await self._respond(reader, received)
                if said is None:
                    break
                writer.write(said)
                await writer.drain()
                if isinstance(said, Last):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cancelled at the end of the test
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _respond(self, reader: asyncio.StreamReader, received: Received) -> bytes | None:
        if received.path == "/health/ready":
            return answer(self.instance().model_dump_json())
        self.received.append(received)
        self.open += 1
        work, gone = asyncio.ensure_future(self.act(received)), asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            return await work if work.done() else None
        finally:
            self.open -= 1
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, service: str) -> Received | None:
    """The next request; None when the caller has hung up."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = head[0].split(" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in head[1:] if line)]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Received(service, method, path, headers, await reader.readexactly(length))
