"""Runs an application inside the test, its lifespan included, with a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from tests.support.processes import eventually


@asynccontextmanager
async def running(app: FastAPI, *, client_host: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client of ``app``, which is started and stopped around the block."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client_host, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client


async def until_ready(client: httpx.AsyncClient, timeout_s: float = 20.0) -> None:
    """Waits until the service behind ``client`` is ready."""

    async def ready() -> bool:
        return (await client.get("/health/ready")).status_code == 200

    await eventually(ready, timeout_s)
