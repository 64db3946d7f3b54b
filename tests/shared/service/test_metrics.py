"""What Prometheus is told moves when what it counts happens."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from shared.contract import Prediction
from shared.service.app import create_app
from shared.service.drift import FEWEST
from shared.service.settings import ServiceSettings
from shared.version import VERSION
from shared.versions import Serving, write_serving
from tests.shared.service.rolled import Drifted, Toy, becomes, said
from tests.support.apps import running, until_ready
from tests.support.bundles import edit_manifest
from tests.support.nvml import FakeNvml
from tests.support.pictures import png
from tests.support.requests import counted, metric
from tests.support.toy import BLUE, RED, TOY

TOY_1 = 'model="toy",version="1.0.0"'
QUALITY = {"shortest_side": 32, "contrast": 0, "sharpness": 0, "dark": 1, "bright": 1, "border": 1}
REFERENCE = {"numbers": {"confidence": {"edges": [0.5], "shares": [0.5, 0.5]}}, "classes": {"red": 0.5, "other": 0.5}}


async def value(client: httpx.AsyncClient, line: str) -> float:
    return await metric(client, "", line)


async def test_predictions_are_counted_by_outcome_class_and_stage(ready: httpx.AsyncClient) -> None:
    for picture in (png(RED), png(RED), png(BLUE), png(RED)[:80]):
        await ready.post("/predict", content=picture)
    assert await counted(ready, "", "predicted", "1.0.0") == 3
    assert await counted(ready, "", "invalid_image") == 1
    assert await value(ready, 'inference_predicted_total{label="red",model="toy",version="1.0.0"}') == 2
    assert await value(ready, 'inference_predicted_total{label="other",model="toy",version="1.0.0"}') == 1
    for stage in ("queue", "decode", "inference", "total"):
        line = f'inference_stage_duration_seconds_count{{model="toy",stage="{stage}"}}'
        assert await value(ready, line) == 3
    assert await value(ready, "inference_ready") == 1
    assert await value(ready, "inference_workers") == 1
    assert await value(ready, "process_resident_memory_bytes") > 0


async def test_times_are_seconds(ready: httpx.AsyncClient) -> None:
    took = Prediction.model_validate((await ready.post("/predict", content=png(RED))).json()).timing_ms
    line = 'inference_stage_duration_seconds_sum{model="toy",stage="total"}'
    assert await value(ready, line) == pytest.approx(took.total / 1000)


async def test_confidence(ready: httpx.AsyncClient) -> None:
    confidence = (await ready.post("/predict", content=png(RED))).json()["confidence"]
    assert await value(ready, f"inference_confidence_sum{{{TOY_1}}}") == confidence
    assert await value(ready, 'inference_confidence_bucket{le="0.4",model="toy",version="1.0.0"}') == 0
    assert await value(ready, f"inference_confidence_count{{{TOY_1}}}") == 1


async def test_what_the_gate_says(ready: httpx.AsyncClient, app: FastAPI) -> None:
    """The toy has no gate: `tests/contract` asks bundles that do."""
    answer = Prediction.model_validate((await ready.post("/predict", content=png(RED))).json())
    assert await value(ready, f"inference_ood_score_count{{{TOY_1}}}") == 0
    for score in (0.2, 0.51):
        app.state.service.metrics.predicted(answer.model_copy(update={"ood_score": score}))
    for edge, below in (("0.1", 0), ("0.2", 1), ("0.5", 1), ("0.6", 2)):
        assert await value(ready, f'inference_ood_score_bucket{{le="{edge}",{TOY_1}}}') == below


async def test_abstentions_by_reason(settings: ServiceSettings, root: Path) -> None:
    limits = QUALITY | {"fitted_on": "val", "samples": 1}
    edit_manifest(root, lambda values: values["signatures"]["image"].update(quality=limits))
    async with running(create_app(TOY, settings)) as client:
        await until_ready(client)
        answer = (await client.post("/predict", content=png(RED, size=(16, 16)))).json()
        assert answer["abstain_reason"] == "image_quality"
        assert await counted(client, "", "abstained", "1.0.0") == 1
        line = 'inference_abstentions_total{model="toy",reason="image_quality",version="1.0.0"}'
        assert await value(client, line) == 1
        assert await value(client, f"inference_confidence_count{{{TOY_1}}}") == 1
        assert await value(client, 'inference_predicted_total{label="red",model="toy",version="1.0.0"}') == 0


async def test_batches(ready: httpx.AsyncClient) -> None:
    for _ in range(3):
        await ready.post("/predict", content=png(RED))
    assert await value(ready, 'inference_batch_size_count{model="toy"}') == 3
    assert await value(ready, 'inference_batch_size_bucket{le="1.0",model="toy"}') == 3


async def test_each_version_counts_for_itself(models: Path, toy: Toy) -> None:
    app, client = toy
    await said(client)
    write_serving(models, "toy", Serving(active="1.1.0"))
    await becomes(lambda: app.state.service.host.loaded.version == "1.1.0")
    await said(client)
    for version in ("1.0.0", "1.1.0"):
        assert await counted(client, "", "predicted", version) == 1


async def test_drift(settings: ServiceSettings, root: Path) -> None:
    reference = REFERENCE | {"taken_from": "val", "samples": 300}
    edit_manifest(root, lambda values: values["signatures"]["image"].update(reference=reference))
    async with running(create_app(TOY, settings)) as client:
        await until_ready(client)
        for _ in range(FEWEST):
            await client.post("/predict", content=png(RED))
        for trait in ("confidence", "predicted_class"):
            line = f'inference_drift_psi{{model="toy",trait="{trait}",version="1.0.0"}}'
            assert await value(client, line) > 0.25


async def test_a_version_of_two_roles_is_told_of_once(models: Path, toy: Toy) -> None:
    """Two samples of one series: Prometheus would refuse the whole answer."""
    app, client = toy
    write_serving(models, "toy", Serving(active="1.0.0", shadow="1.0.0"))
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)
    object.__setattr__(app.state.service.host.loaded.active, "drift", Drifted())
    text = (await client.get("/metrics")).text
    assert text.count('inference_drift_psi{model="toy",trait="confidence",version="1.0.0"}') == 1
    assert text.count("inference_model_info{") == 2


async def test_a_service_without_a_model_says_so(client: httpx.AsyncClient) -> None:
    await client.post("/predict", content=png())
    assert await value(client, "inference_ready") == 0
    assert await counted(client, "", "model_unavailable") == 1


async def test_the_process_and_its_container(ready: httpx.AsyncClient, settings: ServiceSettings) -> None:
    assert await value(ready, f'doctorai_build_info{{component="toy",version="{VERSION}"}}') == 1
    assert 0 < await value(ready, "memory_usage_percent") < 100
    assert await value(ready, "cpu_limit_cores") > 0
    assert await value(ready, 'disk_size_bytes{volume="models"}') == shutil.disk_usage(settings.model_path).total


async def test_a_gpu(settings: ServiceSettings, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())
    async with running(create_app(TOY, settings)) as client:
        assert await value(client, 'gpu_utilization_ratio{gpu="0"}') == 0.25


async def test_openmetrics_for_a_scraper_that_asks(ready: httpx.AsyncClient) -> None:
    await ready.post("/predict", content=png(RED))
    answer = await ready.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert {family.name for family in text_string_to_metric_families(answer.text)} >= {
        "inference_requests",
        "doctorai_build",
    }
    plain = await ready.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
    for text in (answer.text, plain.text):
        assert "_created" not in text


async def test_they_can_be_switched_off(settings: ServiceSettings, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    app = create_app(TOY, settings.model_copy(update={"metrics_enabled": False}))
    async with running(app) as client:
        await until_ready(client)
        assert (await client.post("/predict", content=png(RED))).status_code == 200
        assert (await client.post("/predict", content=png(RED)[:80])).status_code == 400
        assert (await client.get("/metrics")).status_code == 404
    assert nvml.inits == 0
    assert [sample for sample in _counted_by(app) if sample.value] == []


def _counted_by(app: FastAPI) -> list[Any]:
    names = ("inference_requests", "inference_stage_duration_seconds", "inference_batch_size", "inference_confidence")
    found = app.state.service.metrics.registry.collect()
    return [sample for family in found if family.name in names for sample in family.samples]


async def test_two_applications_in_one_process_do_not_meet(settings: ServiceSettings, root: Path) -> None:
    async with running(create_app(TOY, settings)) as first, running(create_app(TOY, settings)) as second:
        await first.post("/predict", content=b"no picture")
        await first.get("/metrics")
        assert (await second.get("/metrics")).status_code == 200
