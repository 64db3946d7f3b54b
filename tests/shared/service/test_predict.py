"""One prediction, whichever way it comes; and every way that it may not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI

from shared.contract import Prediction
from shared.http.context import HEADER
from shared.manifest import TabularInput
from shared.service.app import create_app
from shared.service.predict import check_numbers
from shared.service.settings import ServiceSettings
from shared.service.state import ServiceState
from tests.support.apps import running, until_ready
from tests.support.bundles import tabular_bundle
from tests.support.pictures import jpeg, png
from tests.support.processes import eventually
from tests.support.requests import counted, metric
from tests.support.toy import BLUE, RED, TOY

if TYPE_CHECKING:
    from tests.shared.service.conftest import HeldWorker


@pytest.mark.parametrize(
    "request_", [{"files": {"file": ("a.jpg", jpeg(RED))}}, {"content": png(RED)}], ids=["multipart", "raw"]
)
async def test_a_picture(ready: httpx.AsyncClient, request_: dict[str, Any]) -> None:
    answer = await ready.post("/predict", **request_, headers={HEADER: "caller-0001"})
    body = Prediction.model_validate(answer.json())
    assert (body.request_id, body.model, body.model_version, body.instance) == ("caller-0001", "toy", "1.0.0", "toy-1")
    assert (body.result, body.decision, body.prediction_set, body.coverage) == ("red", "predicted", ["red"], 0.9)
    assert body.confidence == body.probabilities["red"] > 0.9
    assert sum(body.probabilities.values()) == pytest.approx(1, abs=2e-4)
    assert body.uncertainty == pytest.approx(1 - body.confidence, abs=1e-4)
    assert (body.calibrated, body.ood_score, body.explanation, body.cached) == (True, None, None, False)
    assert (body.description, body.disclaimer) == (TOY.classes["red"].description, TOY.disclaimer)
    assert body.timing_ms.total >= max(body.timing_ms.queue, body.timing_ms.decode, body.timing_ms.inference) > 0


async def test_another_picture(ready: httpx.AsyncClient) -> None:
    assert (await ready.post("/predict", content=png(BLUE))).json()["result"] == "other"


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "text": ({"content": b"hello"}, 400, "INVALID_IMAGE"),
    "nothing": ({"content": b""}, 400, "INVALID_IMAGE"),
    "cut short": ({"content": png(RED)[:80]}, 400, "INVALID_IMAGE"),
    "polyglot": ({"content": png(RED) + b"%PDF-1.4"}, 400, "INVALID_IMAGE"),
    "GIF": ({"content": b"GIF89a" + bytes(40)}, 415, "UNSUPPORTED_FORMAT"),
    "too many bytes": ({"content": png(RED).ljust(100_001, b"\0")}, 413, "PAYLOAD_TOO_LARGE"),
    "far too many bytes": ({"content": bytes(10_000_000)}, 413, "PAYLOAD_TOO_LARGE"),
    "numbers": ({"json": [0.1, 0.2, 0.3]}, 422, "VALIDATION_ERROR"),
    "JSON that is no numbers": ({"json": {"r": 1}}, 422, "VALIDATION_ERROR"),
    "no file": ({"files": {"picture": png()}}, 422, "VALIDATION_ERROR"),
    "deadline in words": ({"content": png(), "headers": {"X-Request-Timeout-Ms": "soon"}}, 422, "VALIDATION_ERROR"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused(ready: httpx.AsyncClient, name: str) -> None:
    request, status, code = REFUSED[name]
    answer = await ready.post("/predict", **request)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers[HEADER] == answer.json()["request_id"]


async def test_too_many_pixels(settings: ServiceSettings, root: Path) -> None:
    app = create_app(TOY, settings.model_copy(update={"max_image_pixels": 64 * 64}))
    async with running(app) as client:
        await until_ready(client)
        assert (await client.post("/predict", content=png(size=(64, 64)))).status_code == 200
        answer = await client.post("/predict", content=png(size=(64, 65)))
        assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_only_the_formats_that_the_operator_allows(settings: ServiceSettings, root: Path) -> None:
    async with running(create_app(TOY, settings.model_copy(update={"supported_formats": ("PNG",)}))) as client:
        await until_ready(client)
        assert (await client.post("/predict", content=png())).status_code == 200
        assert (await client.post("/predict", content=jpeg())).json()["code"] == "UNSUPPORTED_FORMAT"


async def test_numbers_for_a_model_that_takes_them(settings: ServiceSettings) -> None:
    tabular_bundle(settings.model_path)
    async with running(create_app(TOY, settings)) as client:
        await until_ready(client)
        assert (await client.post("/predict", json=[0.9, 0.5, 0.5])).json()["result"] == "red"
        assert (await client.post("/predict", json=[0, 0.5, 1])).json()["result"] == "other"
        for values in ([0.1], [0.1] * 4, [0.1, 0.2, 1.5], [0.1, 0.2, -0.1]):
            answer = await client.post("/predict", json=values)
            assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")


def test_check_numbers_names_the_number() -> None:
    spec = TabularInput(names=("r", "g"), minimum=-1, maximum=2)
    assert check_numbers([-1, 2], spec) == (-1, 2)
    for values, words in (([0.0, 2.1], "body.g: 2.1"), ([float("nan"), 0.0], "body.r: nan"), ([0.0], "r, g")):
        with pytest.raises(Exception, match=words):
            check_numbers(values, spec)


async def test_a_full_queue_sheds_with_retry_after_and_the_rest_is_answered(
    ready: httpx.AsyncClient, held: HeldWorker, app: FastAPI
) -> None:
    state: ServiceState = app.state.service
    first = asyncio.create_task(ready.post("/predict", content=png(RED)))
    assert await asyncio.to_thread(held.entered.wait, 60)
    waiting = [asyncio.create_task(ready.post("/predict", content=png(BLUE))) for _ in range(2)]

    async def three_in_flight() -> bool:
        return state.predictions.in_flight == 3

    await eventually(three_in_flight)
    shed = await ready.post("/predict", content=png())
    assert (shed.status_code, shed.json()["code"], shed.headers["Retry-After"]) == (503, "OVERLOADED", "1")
    assert await metric(ready, "", "inference_queue_length") == 2
    assert await metric(ready, "", "inference_workers_busy") == 1
    held.open.set()
    answers = await asyncio.gather(first, *waiting)
    assert [answer.json()["result"] for answer in answers] == ["red", "other", "other"]
    assert state.predictions.in_flight == 0


async def test_a_deadline_that_passes_is_a_504_and_its_work_is_never_begun(
    ready: httpx.AsyncClient, held: HeldWorker
) -> None:
    first = asyncio.create_task(ready.post("/predict", content=png(RED)))
    assert await asyncio.to_thread(held.entered.wait, 60)
    late = await ready.post("/predict", content=png(BLUE), headers={"X-Request-Timeout-Ms": "20"})
    assert (late.status_code, late.json()["code"]) == (504, "TIMEOUT")
    held.open.set()
    assert (await first).status_code == 200
    assert (await counted(ready, "", "timeout"), len(held.samples)) == (1, 1)


async def test_a_caller_who_hangs_up_frees_his_place(app: FastAPI, ready: httpx.AsyncClient, held: HeldWorker) -> None:
    first = asyncio.create_task(ready.post("/predict", content=png(RED)))
    assert await asyncio.to_thread(held.entered.wait, 60)
    gone, sent = asyncio.Event(), []
    messages = iter([{"type": "http.request", "body": png(BLUE), "more_body": False}])

    async def receive() -> Any:
        message = next(messages, None)
        if message is None:
            await gone.wait()
        return message or {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": [], "query_string": b""}
    call = asyncio.create_task(app(scope, receive, send))

    async def waits() -> bool:
        return await metric(ready, "", "inference_queue_length") == 1

    await eventually(waits)
    gone.set()
    await call
    assert sent == []
    assert await metric(ready, "", "inference_queue_length") == 0
    assert await counted(ready, "", "abandoned") == 1
    held.open.set()
    assert (await first).status_code == 200
    assert len(held.samples) == 1
