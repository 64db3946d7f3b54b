"""Many at once: all right, none mixed up; a caller who hangs up frees the place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.requests import counted, metric, uploads
from tests.support.system import System, running_system, service_process
from tests.support.toy import write_toy_bundle

pytestmark = pytest.mark.integration


async def predict(api: httpx.AsyncClient, model: str, data: bytes) -> httpx.Response:
    """A new inference, whatever the cache holds."""
    return await api.post(f"/api/predict/{model}", files={"file": ("a", data)}, headers={"Cache-Control": "no-cache"})


async def test_64_at_once_give_the_answers_that_one_gives(api: httpx.AsyncClient) -> None:
    work = uploads(64)
    alone = [await predict(api, model, data) for model, data in work[:20]]
    together = await asyncio.gather(*(predict(api, model, data) for model, data in work))
    assert [response.status_code for response in together] == [200] * 64
    assert [response.json()["model"] for response in together] == [model for model, _ in work]
    for one, other in zip(alone, together, strict=False):
        assert one.json()["probabilities"] == other.json()["probabilities"]


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """A toy service with one worker."""
    monkeypatch.setenv("INFERENCE_WORKERS", "1")
    write_toy_bundle(tmp_path / "models")
    with running_system(tmp_path, {"toy": "tests.support.toy_service"}, tmp_path / "models") as found:
        yield found


async def test_a_caller_who_hangs_up_frees_the_place(toys: System) -> None:
    async with toys.client() as client:
        await toys.until(client, "toy", is_ready=True, timeout_s=30)
        large = png(size=(6000, 6000))

        def ask() -> asyncio.Task[httpx.Response]:
            return asyncio.create_task(predict(client, "toy", large))

        service = toys.services["toy"].url
        held = [ask() for _ in range(3)]
        leaving = [ask() for _ in range(6)]

        async def queued() -> bool:
            return await metric(client, service, "inference_queue_length") >= 6

        await eventually(queued, 20)
        for task in leaving:
            task.cancel()

        async def dropped() -> bool:
            return await counted(client, service, "abandoned") >= 5

        await eventually(dropped, 20)
        answers = await asyncio.gather(*held)
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert await metric(client, service, "inference_queue_length") == 0
        done = await counted(client, service, "predicted", "1.0.0")
        assert done <= 4, "the model worked for callers who had gone"


async def test_two_instances_and_one_is_killed(toys: System, tmp_path: Path) -> None:
    """As `--scale toy=2`: not one request is lost when an instance dies."""
    second = service_process("toy", "tests.support.toy_service", toys.redis, toys.models, tmp_path)
    toys.extra.append(second)
    second.start()
    async with toys.client() as client:

        async def both() -> bool:
            services = (await toys.health(client))["services"]
            return sum(one["ready"] for one in services["toy"]["instances"]) == 2  # type: ignore[index]

        await eventually(both, 30)
        answers: list[httpx.Response] = []
        for at in range(60):
            if at == 20:
                second.kill()
            answers += await asyncio.gather(*(predict(client, "toy", png()) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [200] * 240
        assert len({answer.json()["instance"] for answer in answers[:80]}) == 2
        assert len({answer.json()["instance"] for answer in answers[-40:]}) == 1
