"""What Prometheus is told."""

from __future__ import annotations

from pathlib import Path

import httpx

from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.support.apps import running
from tests.support.pictures import png
from tests.support.requests import metric
from tests.support.toy import BLUE, RED, TOY


async def value(client: httpx.AsyncClient, line: str) -> float:
    return await metric(client, "", line)


async def test_predictions_are_counted_by_outcome_class_and_stage(ready: httpx.AsyncClient) -> None:
    for picture in (png(RED), png(RED), png(BLUE), png(RED)[:80]):
        await ready.post("/predict", content=picture)
    assert await value(ready, 'inference_requests_total{model="toy",outcome="predicted"}') == 3
    assert await value(ready, 'inference_requests_total{model="toy",outcome="invalid_image"}') == 1
    assert await value(ready, 'inference_predicted_total{label="red",model="toy"}') == 2
    assert await value(ready, 'inference_predicted_total{label="other",model="toy"}') == 1
    for stage in ("queue", "decode", "inference", "total"):
        line = f'inference_stage_duration_seconds_count{{model="toy",stage="{stage}"}}'
        assert await value(ready, line) == 3
    assert await value(ready, "inference_ready") == 1
    assert await value(ready, "inference_workers") == 1
    assert await value(ready, "inference_cpu_limit") > 0
    assert await value(ready, "process_resident_memory_bytes") > 0


async def test_a_service_without_a_model_says_so(client: httpx.AsyncClient) -> None:
    await client.post("/predict", content=png())
    assert await value(client, "inference_ready") == 0
    assert await value(client, 'inference_requests_total{model="toy",outcome="model_unavailable"}') == 1


async def test_no_address_makes_a_new_series(ready: httpx.AsyncClient) -> None:
    before = len((await ready.get("/metrics")).text.splitlines())
    for at in range(200):
        await ready.get(f"/nothing/{at}")
        await ready.get(f"/v2/models/m{at}")
    assert len((await ready.get("/metrics")).text.splitlines()) == before


async def test_they_can_be_switched_off(settings: ServiceSettings, root: Path) -> None:
    async with running(create_app(TOY, settings.model_copy(update={"metrics_enabled": False}))) as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_two_applications_in_one_process_do_not_meet(settings: ServiceSettings, root: Path) -> None:
    async with running(create_app(TOY, settings)) as first, running(create_app(TOY, settings)) as second:
        await first.post("/predict", content=b"no picture")
        await first.get("/metrics")
        assert (await second.get("/metrics")).status_code == 200
