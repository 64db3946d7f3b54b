"""A toy service with two versions: what is chosen, what it says, and callers that ask it without pause."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from shared.versions import Serving, write_serving
from tests.support.processes import eventually
from tests.support.versions import PINK, is_labelled_rightly

Toy = tuple[FastAPI, httpx.AsyncClient]


class Drifted:
    """A watch that has seen enough."""

    def index(self) -> dict[str, float]:
        return {"confidence": 0.5}

    def add(self, inference: object) -> None:
        """Changes nothing."""


def choose(models: Path, **changes: Any) -> None:
    write_serving(models, "toy", Serving(**{"active": "1.0.0", **changes}))


async def said(client: httpx.AsyncClient, picture: bytes = PINK) -> dict[str, Any]:
    answer = await client.post("/predict", content=picture)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(client: httpx.AsyncClient, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Waits until the instance says of itself what is wanted."""
    seen: dict[str, Any] = {}

    async def check() -> bool:
        seen.update((await client.get("/health/ready")).json())
        return wanted(seen)

    await eventually(check, 20)
    return seen


async def becomes(wanted: Callable[[], bool]) -> None:
    """Waits until it is so."""

    async def check() -> bool:
        return wanted()

    await eventually(check, 20)


async def grows(answers: list[dict[str, Any]], count: int) -> None:
    """Waits for ``count`` more of them."""
    before = len(answers)
    await becomes(lambda: len(answers) > before + count)


@asynccontextmanager
async def load(client: httpx.AsyncClient, callers: int = 4) -> AsyncIterator[list[dict[str, Any]]]:
    """Callers that ask without pause around the block; every answer is checked when it ends."""
    answers: list[dict[str, Any]] = []
    stop = asyncio.Event()

    async def caller() -> None:
        while not stop.is_set():
            answers.append(await said(client))

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
        yield answers
        stop.set()
    assert [one for one in answers if not is_labelled_rightly(one)] == []


async def counted(client: httpx.AsyncClient, outcome: str) -> float:
    text = (await client.get("/metrics")).text
    found = re.findall(rf'inference_comparisons_total\{{[^}}]*outcome="{outcome}"[^}}]*\}} ([0-9.]+)', text)
    return sum(float(value) for value in found)
