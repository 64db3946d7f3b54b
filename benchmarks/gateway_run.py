"""One block of load on one address, in an open or a closed loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from benchmarks.gateway_client import Connection, connect
from benchmarks.gateway_pictures import Pictures, Uploads

WARM_UP_S = 0.4


@dataclass(frozen=True)
class Job:
    """One block of load on one address. ``rate``, requests a second, makes it an open loop."""

    port: int
    path: str
    token: str | None
    picture: str
    seconds: float
    connections: int = 16
    rate: int | None = None


@dataclass
class Result:
    """Milliseconds of each request after the warm-up, since it was due and since it was sent.

    ``total`` counts all answers, the warm-up's too; ``cpu_s`` is this process's own work."""

    due_ms: list[float] = field(default_factory=list)
    sent_ms: list[float] = field(default_factory=list)
    total: int = 0
    failures: int = 0
    failure: str = ""
    seconds: float = 0.0
    cpu_s: float = 0.0


class Run:
    """One job under way."""

    def __init__(self, job: Job, pictures: Pictures) -> None:
        self._job = job
        self._uploads = Uploads(pictures, job.path, job.token)
        self._idle: deque[Connection] = deque()
        self._waiting: deque[float] = deque()
        self._under_way: dict[Connection, tuple[float, float]] = {}
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._start = self._end = 0.0
        self._more = True
        self.result = Result(seconds=job.seconds)

    async def run(self) -> Result:
        self._idle.extend(await connect(self._job.port, self._job.connections, self._done, self._lost))
        connections = list(self._idle)
        cpu = time.process_time()
        self._start = time.perf_counter() + WARM_UP_S
        self._end = self._start + self._job.seconds
        self._open() if self._job.rate else self._closed()
        await asyncio.wait_for(self._ended, self._job.seconds + 30)
        self.result.cpu_s = time.process_time() - cpu
        for connection in connections:
            connection.close()
        return self.result

    def _closed(self) -> None:
        while self._idle:
            self._due(time.perf_counter())

    def _open(self) -> None:
        threading.Thread(target=self._pace, args=(asyncio.get_running_loop(),), daemon=True).start()

    def _pace(self, loop: asyncio.AbstractEventLoop) -> None:
        # a thread, because the timers of an event loop are whole milliseconds
        assert self._job.rate
        count = int(self._job.rate * (WARM_UP_S + self._job.seconds))
        for due in (self._end - (count - number) / self._job.rate for number in range(count)):
            time.sleep(max(0.0, due - time.perf_counter()))
            loop.call_soon_threadsafe(self._due, due)
        loop.call_soon_threadsafe(self._last)

    def _last(self) -> None:
        self._more = False
        self._end_when_empty()

    def _due(self, due: float) -> None:
        self._waiting.append(due)
        self._send()

    def _send(self) -> None:
        while self._waiting and self._idle:
            connection, request = self._idle.popleft(), next(self._uploads)
            self._under_way[connection] = (self._waiting.popleft(), time.perf_counter())
            connection.send(request)

    def _done(self, connection: Connection, status: int, body: bytes) -> None:
        now = time.perf_counter()
        due, sent = self._under_way.pop(connection)
        self._note(now, due, sent, "" if status == 200 else f"{status} {body[:300].decode(errors='replace')}")
        self._idle.append(connection)
        if not self._job.rate:
            self._more = now < self._end
            self._waiting.extend([now] if self._more else [])
        self._send()
        self._end_when_empty()

    def _note(self, now: float, due: float, sent: float, failure: str) -> None:
        self.result.total += 1
        # an open loop counts what was due in time, a closed one what came back in time
        if not self._start <= (due if self._job.rate else now) < self._end:
            return
        if failure:
            self.result.failures += 1
            self.result.failure = failure
        else:
            self.result.due_ms.append(round((now - due) * 1000, 4))
            self.result.sent_ms.append(round((now - sent) * 1000, 4))

    def _end_when_empty(self) -> None:
        if not (self._more or self._waiting or self._under_way or self._ended.done()):
            self._ended.set_result(None)

    def _lost(self) -> None:
        if not self._ended.done():
            self._ended.set_exception(ConnectionError("the server closed a connection"))
