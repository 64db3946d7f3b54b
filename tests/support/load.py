"""Closed-loop load: clients that each ask again as soon as they have their answer."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from PIL import Image

from tests.support.pictures import encode
from tests.support.processes import eventually

_RED = (230, 20, 20)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Sample:
    """One request: how it ended, and how long that took. ``status`` 0: there was no answer."""

    status: int
    took_s: float
    text: str = ""
    instance: str | None = None

    @property
    def failed(self) -> bool:
        return self.status != 200


Ask = Callable[[], Awaitable[Sample]]


def fresh_picture() -> bytes:
    """A red picture that no cache has seen: one pixel counts."""
    number = next(_numbers)
    picture = Image.new("RGB", (48, 48), _RED)
    picture.putpixel((0, 0), (number >> 16 & 255, number >> 8 & 255, number & 255))
    return encode(picture)


def predicting(client: httpx.AsyncClient, model: str = "toy", **headers: str) -> Ask:
    """Asks for a prediction of another picture each time."""

    async def ask() -> Sample:
        started = time.monotonic()
        try:
            files = {"file": ("a.png", fresh_picture())}
            response = await client.post(f"/api/predict/{model}", files=files, headers=headers)
        except httpx.HTTPError as error:
            return Sample(0, time.monotonic() - started, repr(error))
        took_s = time.monotonic() - started
        instance = response.json()["instance"] if response.is_success else None
        return Sample(response.status_code, took_s, "" if response.is_success else response.text, instance)

    return ask


@dataclass
class Load:
    """What came of the requests so far, in the order of their answers."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def failures(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.failed]

    @property
    def slowest_s(self) -> float:
        return max(sample.took_s for sample in self.samples)

    async def more(self, count: int, timeout_s: float = 60) -> list[Sample]:
        """Waits for ``count`` further answers, and gives them."""
        at = len(self.samples)

        async def enough() -> bool:
            return len(self.samples) >= at + count

        await eventually(enough, timeout_s)
        return self.samples[at:]

    async def lasting(self, seconds: float) -> list[Sample]:
        """The answers of the next ``seconds``."""
        at = len(self.samples)
        await asyncio.sleep(seconds)
        return self.samples[at:]

    async def until_used(self, instances: int, timeout_s: float = 30) -> set[str]:
        """Waits until so many instances, no more and no fewer, have answered the last 50 requests; their ids."""

        async def used() -> bool:
            return len(self.samples) >= 50 and len(instances_of(self.samples[-50:])) == instances

        await eventually(used, timeout_s)
        return instances_of(self.samples[-50:])


def instances_of(samples: Sequence[Sample]) -> set[str]:
    """The instances that answered."""
    return {sample.instance for sample in samples if sample.instance}


def median_s(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.took_s for sample in samples)


@asynccontextmanager
async def under_load(ask: Ask, clients: int = 16) -> AsyncIterator[Load]:
    """Runs the clients meanwhile. Those that wait for an answer at the end are waited for, and count."""
    load, running = Load(), True

    async def one() -> None:
        while running:
            load.samples.append(await ask())

    tasks = [asyncio.create_task(one()) for _ in range(clients)]
    try:
        yield load
    finally:
        running = False
        await asyncio.gather(*tasks)
