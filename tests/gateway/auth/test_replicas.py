"""With Sentinel an account counts only once a replica has it, too: real servers, one of which dies."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.accounts import PASSWORD, gateway, headers, pair, token
from tests.support.processes import eventually
from tests.support.sentinels import Trio, running_trio

pytestmark = [pytest.mark.integration, pytest.mark.slow]
WITHIN_S = 15.0


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with running_trio(tmp_path) as found:
        yield found


@pytest_asyncio.fixture
async def api(trio: Trio, tmp_path: Path, quick_hashes: None) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway("redis://not-used.invalid", tmp_path, **trio.variables()) as client:
        client.headers.update(await headers(client))
        yield client


async def add(api: httpx.AsyncClient, name: str) -> httpx.Response:
    return await api.post("/api/users", json={"username": name, "password": PASSWORD})


async def signs_in(api: httpx.AsyncClient) -> bool:
    return (await token(api)).status_code == 200


async def test_what_was_acknowledged_survives_the_primary(trio: Trio, api: httpx.AsyncClient) -> None:
    names = [f"clinician-{number}" for number in range(30)]
    answers = await asyncio.gather(*(add(api, name) for name in names))
    trio.kill(trio.primary)
    assert {answer.status_code for answer in answers} == {201}
    took_s = await eventually(lambda: signs_in(api), WITHIN_S)
    print(f"signed in again after {took_s:.1f} s")
    known = {user["username"] for user in (await api.get("/api/users")).json()["users"]}
    assert known >= set(names)
    await pair(api, names[-1], PASSWORD)


async def test_what_no_replica_has_is_not_acknowledged(trio: Trio, api: httpx.AsyncClient) -> None:
    replicas = [port for port in trio.servers if port != trio.primary]
    for port in replicas:
        trio.signal(port, signal.SIGSTOP)
    refused = await add(api, "lost")
    assert (refused.status_code, refused.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE")
    assert "no other Redis has it" in refused.json()["detail"]
    trio.signal(replicas[0], signal.SIGCONT)
    assert (await add(api, "kept")).status_code == 201
    trio.signal(replicas[1], signal.SIGCONT)


async def test_one_replica_is_enough(trio: Trio, api: httpx.AsyncClient) -> None:
    trio.kill(next(port for port in trio.servers if port != trio.primary))
    assert (await add(api, "kept")).status_code == 201
