"""A gateway with a Redis, and its administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from pwdlib.hashers.argon2 import Argon2Hasher
from redis.asyncio import Redis

from tests.support.accounts import gateway, headers
from tests.support.processes import RedisServer


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 that takes a millisecond: slowness is not what most tests are about."""
    weak = partial(Argon2Hasher, time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr("gateway.auth.passwords.Argon2Hasher", weak)


@pytest_asyncio.fixture
async def api(redis_server: RedisServer, tmp_path: Path, quick_hashes: None) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(redis_server.url, tmp_path) as client:
        yield client


@pytest_asyncio.fixture
async def admin(api: httpx.AsyncClient) -> dict[str, str]:
    """The administrator's headers."""
    return await headers(api)


@pytest_asyncio.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url, decode_responses=True) as found:
        yield found
