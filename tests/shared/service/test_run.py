"""The service as a process: SIGTERM loses nothing and ends with 0."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.redis import connect_redis
from shared.registry import Registry
from shared.settings import CommonSettings
from tests.support.pictures import png
from tests.support.processes import RedisServer, eventually, free_port
from tests.support.toy import RED, write_toy_bundle

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[3]


class Service:
    """``python -m tests.support.toy_service`` with its environment."""

    def __init__(self, models: Path, redis: RedisServer) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "ADVERTISE_ADDRESS": self.url,
            "INSTANCE_ID": "toy-1",
            "MODEL_PATH": str(models),
            "REDIS_URL": redis.url,
            "LINGER_SECONDS": "0",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self, **variables: str) -> subprocess.Popen[str]:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.toy_service"],
            env={**self._environment, **variables},
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.process


@pytest.fixture
def service(tmp_path: Path, redis_server: RedisServer) -> Iterator[Service]:
    write_toy_bundle(tmp_path / "models")
    service = Service(tmp_path / "models", redis_server)
    yield service
    if service.process and service.process.poll() is None:
        service.process.kill()
        service.process.communicate()


@pytest.fixture
async def registry(redis_server: RedisServer) -> AsyncIterator[Registry]:
    redis = connect_redis(CommonSettings(redis_url=redis_server.url))
    yield Registry(redis)
    await redis.aclose()


async def until_listed(registry: Registry, *ready: bool) -> None:
    async def check() -> bool:
        return [instance.ready for instance in await registry.list()] == list(ready)

    await eventually(check, 30)


async def ended(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """The lines of the log, once the process has ended with 0."""
    _, errors = await asyncio.wait_for(asyncio.to_thread(process.communicate), 30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors, errors.replace("\\n", "\n")
    return [json.loads(line) for line in errors.splitlines() if line.startswith("{")]  # LiteRT writes a line of its own


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_withdraws_lets_the_request_in_flight_finish_and_ends_with_0(
    service: Service, registry: Registry, number: signal.Signals
) -> None:
    process = service.start()
    await until_listed(registry, True)
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    picture = png(RED)
    head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: {len(picture)}\r\n\r\n"
    writer.write(head.encode() + picture[:50])
    await writer.drain()
    async with httpx.AsyncClient() as client:  # answered after it on the same event loop, so that one is in flight
        assert (await client.get(f"{service.url}/health/ready")).status_code == 200
    process.send_signal(number)
    await until_listed(registry)
    writer.write(picture[50:])
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"result":"red"' in answer
    events = [line["event"] for line in await ended(process)]
    assert events.index("model_ready") < events.index("stopping")


async def test_while_it_lingers_it_is_not_ready_but_answers_and_a_second_signal_ends_it(
    service: Service, registry: Registry
) -> None:
    process = service.start(LINGER_SECONDS="600")
    await until_listed(registry, True)
    process.send_signal(signal.SIGTERM)
    await until_listed(registry)
    async with httpx.AsyncClient(base_url=service.url) as client:
        not_ready = await client.get("/health/ready")
        assert (not_ready.status_code, not_ready.json()["reason"]) == (503, "the instance is stopping")
        assert (await client.post("/predict", content=png(RED))).json()["result"] == "red"
    process.send_signal(signal.SIGTERM)
    await ended(process)


async def test_it_stops_though_redis_is_gone(service: Service, registry: Registry, redis_server: RedisServer) -> None:
    process = service.start()
    await until_listed(registry, True)
    redis_server.stop()
    process.send_signal(signal.SIGTERM)
    await ended(process)


async def test_a_setting_that_does_not_parse_ends_it_with_one_line(service: Service) -> None:
    process = service.start(MAX_IMAGE_SIZE="10MB")
    _, errors = await asyncio.to_thread(process.communicate)
    assert process.returncode == 1
    assert errors.startswith("MAX_IMAGE_SIZE: ")
    assert len(errors.splitlines()) == 1
