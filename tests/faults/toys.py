"""A system of two toys, and further gateways for it with settings of their own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.support.processes import eventually, wait_for_port
from tests.support.system import ADMIN_PASSWORD, Process, System, gateway_process, service_process

_numbers = itertools.count(1)


def add_toy(system: System, **environment: str) -> Process:
    """One more instance of the toy service, which ends with the system."""
    process = service_process("toy", "tests.support.toy_service", system.redis, system.models, system.audit.parent)
    process.environment.update(environment)
    system.extra.append(process)
    process.start()
    return process


@asynccontextmanager
async def another_gateway(system: System, **environment: str) -> AsyncIterator[Process]:
    """A gateway with settings of its own before the same services and the same Redis."""
    folder = system.audit.parent / f"gateway-{next(_numbers)}"
    folder.mkdir()
    process = gateway_process(system.redis, system.services, folder)
    process.environment.update(environment)
    process.start()
    try:
        await asyncio.to_thread(wait_for_port, process.port, 30)  # a puppet of the test's must go on answering
        yield process
    finally:
        process.kill()


def client_of(system: System, gateway: Process, key: str = "") -> httpx.AsyncClient:
    """A client of ``gateway``, with a key that a test may have for itself."""
    headers = {"Authorization": f"Bearer {key or system.key}"}
    return httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=60)


async def both_ready(system: System, instances: int = 2, timeout_s: float = 30) -> None:
    """Waits until the gateway uses so many instances, and Redis."""

    async def whole() -> bool:
        async with httpx.AsyncClient() as client:
            health = (await client.get(f"{system.url}/api/health")).json()
        ready = sum(one["ready"] for one in health["services"]["toy"]["instances"])
        return ready == instances and bool(health["dependencies"]["redis"]["status"] == "up")

    await eventually(whole, timeout_s)


async def redis_returns(system: System) -> None:
    """Starts it again, and waits until the gateway signs people in by it."""
    system.redis.start()

    async def signs_in() -> bool:
        form = {"username": "admin", "password": ADMIN_PASSWORD}
        async with httpx.AsyncClient() as client:
            return (await client.post(f"{system.url}/api/token", data=form)).status_code == 200

    await eventually(signs_in, 5)
    await both_ready(system)
