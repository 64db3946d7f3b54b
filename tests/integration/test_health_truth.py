"""The health tells the truth within five seconds, whatever happens, and tells it again when all is well."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.system import System, running_system
from tests.support.toy import write_toy_bundle

pytestmark = [pytest.mark.integration]
WITHIN_S = 5.0


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    models = tmp_path / "models"
    write_toy_bundle(models)
    with running_system(tmp_path, {"toy": "tests.support.toy_service"}, models) as found:
        yield found


@pytest_asyncio.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    async with system.client(10) as found:
        await system.until(found, "toy", is_ready=True, timeout_s=30)
        yield found


async def ask(system: System, client: httpx.AsyncClient) -> httpx.Response:
    return await client.post(f"{system.url}/api/predict/toy", files={"file": ("a.png", png())})


async def test_a_killed_service(system: System, client: httpx.AsyncClient) -> None:
    system.services["toy"].kill()
    await system.until(client, "toy", is_ready=False, timeout_s=WITHIN_S)
    assert (await ask(system, client)).json()["code"] == "MODEL_UNAVAILABLE"
    system.services["toy"].start()
    await system.until(client, "toy", is_ready=True, timeout_s=30)
    assert (await ask(system, client)).json()["result"] == "red"


async def test_a_frozen_service(system: System, client: httpx.AsyncClient) -> None:
    system.services["toy"].signal(signal.SIGSTOP)
    await system.until(client, "toy", is_ready=False, timeout_s=WITHIN_S)
    system.services["toy"].signal(signal.SIGCONT)
    await system.until(client, "toy", is_ready=True, timeout_s=WITHIN_S)


async def test_a_corrupted_bundle(system: System, client: httpx.AsyncClient) -> None:
    service, weights = system.services["toy"], system.models / "toy" / "1.0.0" / "model.tflite"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    await system.until(client, "toy", is_ready=False, timeout_s=WITHIN_S)
    ready = await client.get(f"{service.url}/health/ready")
    assert ready.status_code == 503
    assert "model.tflite does not match its checksum" in ready.json()["reason"]
    assert (await client.get(f"{service.url}/health/live")).status_code == 200
    assert service.popen is not None
    assert service.popen.poll() is None, "the process must stay up"
    refused = await ask(system, client)
    assert refused.status_code == 503
    assert "checksum" in refused.json()["detail"]
    weights.write_bytes(whole)
    await system.until(client, "toy", is_ready=True, timeout_s=WITHIN_S)
    assert (await ask(system, client)).status_code == 200


async def test_redis_stops_and_comes_back(system: System, client: httpx.AsyncClient) -> None:
    system.redis.stop()

    async def status(wanted: str) -> None:
        async def check() -> bool:
            health = json.loads((await client.get(f"{system.url}/api/health")).text)
            return bool(health["dependencies"]["redis"]["status"] == wanted)

        await eventually(check, WITHIN_S)

    await status("down")
    health = (await client.get(f"{system.url}/api/health")).json()
    assert health["status"] == "degraded"
    assert health["models"]["toy"] is True
    assert (await ask(system, client)).json()["result"] == "red", "predictions go on"
    system.redis.start()
    await status("up")
    assert (await ask(system, client)).status_code == 200


async def test_a_service_without_a_bundle_is_never_ready(system: System, client: httpx.AsyncClient) -> None:
    shutil.rmtree(system.models / "toy")
    await system.until(client, "toy", is_ready=False, timeout_s=WITHIN_S)
    system.services["toy"].kill()
    system.services["toy"].start()
    reason = ""
    while "no bundle" not in reason:
        health = await system.health(client)
        reason = str(health["services"]["toy"]["reason"])  # type: ignore[index]
        assert health["models"]["toy"] is False  # type: ignore[index]
    assert (await ask(system, client)).json()["code"] == "MODEL_UNAVAILABLE"
    write_toy_bundle(system.models)
    await system.until(client, "toy", is_ready=True, timeout_s=WITHIN_S)
