"""How strange a picture is: the gate alone is asked, and nothing counts it as a prediction."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from shared.contract import OodScore
from shared.http.credential import HEADER as CREDENTIAL
from shared.inference.guard import Outlier
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.service.state import ServiceState
from tests.shared.service.rolled import Toy, choose, until
from tests.support.apps import running, until_ready
from tests.support.bundles import tabular_bundle
from tests.support.pictures import jpeg, png
from tests.support.toy import RED, TOY

if TYPE_CHECKING:
    from tests.shared.service.conftest import HeldWorker

SCORE = [0.0]
"""What the toy's gate says of the next picture."""


@pytest.fixture
def gated(app: FastAPI, ready: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    """The ready toy, whose gate finds every picture as strange as ``SCORE`` says."""
    state: ServiceState = app.state.service
    served = state.host.require()
    signature = served.bundle.manifest.signatures["image"]
    object.__setattr__(signature, "guard", SimpleNamespace())  # its bundle has a gate now: which, the predictor knows
    monkeypatch.setattr("shared.inference.predictor._outlier", lambda *_: Outlier(SCORE[0], "modality"))
    return ready


@pytest.mark.parametrize(("score", "plausible"), [(0.02, True), (0.49999, True), (0.5, False), (0.97, False)])
async def test_the_gate_decides(gated: httpx.AsyncClient, score: float, plausible: bool) -> None:
    SCORE[0] = score
    for request in ({"files": {"file": ("a.jpg", jpeg())}}, {"content": png(RED)}):
        answer = await gated.post("/ood-score", **request)
        assert OodScore.model_validate(answer.json()) == OodScore(
            model="toy", model_version="1.0.0", ood_score=score, plausible=plausible
        )


async def test_without_a_gate_nothing_is_plausible(ready: httpx.AsyncClient) -> None:
    answer = (await ready.post("/ood-score", content=png(RED))).json()
    assert answer == {"model": "toy", "model_version": "1.0.0", "ood_score": None, "plausible": False}


async def test_a_model_of_numbers_has_no_gate(settings: ServiceSettings) -> None:
    tabular_bundle(settings.model_path)
    async with running(create_app(TOY, settings)) as client:
        await until_ready(client)
        assert (await client.post("/ood-score", content=png())).json()["ood_score"] is None


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "text": ({"content": b"hello"}, 400, "INVALID_IMAGE"),
    "cut short": ({"content": png(RED)[:80]}, 400, "INVALID_IMAGE"),
    "GIF": ({"content": b"GIF89a" + bytes(40)}, 415, "UNSUPPORTED_FORMAT"),
    "too many bytes": ({"content": png(RED).ljust(100_001, b"\0")}, 413, "PAYLOAD_TOO_LARGE"),
    "no file": ({"files": {"picture": png()}}, 422, "VALIDATION_ERROR"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused(gated: httpx.AsyncClient, name: str) -> None:
    request, status, code = REFUSED[name]
    answer = await gated.post("/ood-score", **request)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nothing_counts_it(gated: httpx.AsyncClient, app: FastAPI) -> None:
    state: ServiceState = app.state.service
    before = _counts((await gated.get("/metrics")).text)
    assert (await gated.post("/ood-score", content=png(RED))).status_code == 200
    assert _counts((await gated.get("/metrics")).text) == before
    assert (await gated.post("/predict", content=png(RED))).status_code == 200
    assert _counts((await gated.get("/metrics")).text) != before
    assert state.predictions.in_flight == 0


async def test_a_shadow_is_not_asked(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    app, client = toy
    models = app.state.service.settings.model_path
    choose(models, shadow="1.1.0")
    await until(client, lambda seen: seen["beside"] == {"shadow": "1.1.0"})
    began: list[object] = []
    monkeypatch.setattr(app.state.service.metrics.comparisons, "begin", lambda *found: began.append(found))
    served = app.state.service.host.require()
    object.__setattr__(served.bundle.manifest.signatures["image"], "guard", SimpleNamespace())
    assert (await client.post("/ood-score", content=png(RED))).status_code == 200
    assert began == []
    await client.post("/predict", content=png(RED))
    assert len(began) == 1


async def test_the_deadline_holds(gated: httpx.AsyncClient, held: HeldWorker) -> None:
    first = asyncio.create_task(gated.post("/ood-score", content=png(RED)))
    assert await asyncio.to_thread(held.entered.wait, 60)
    late = await gated.post("/ood-score", content=png(RED), headers={"X-Request-Timeout-Ms": "50"})
    assert (late.status_code, late.json()["code"]) == (504, "TIMEOUT")
    held.open.set()
    assert (await first).status_code == 200


async def test_a_model_that_cannot_answer_says_why(root: Path, settings: ServiceSettings) -> None:
    (root / "model.tflite").write_bytes(b"no weights")
    async with running(create_app(TOY, settings)) as client:
        answer = await client.post("/ood-score", content=png(RED))
        assert (answer.status_code, answer.json()["code"]) == (503, "MODEL_UNAVAILABLE")


async def test_only_the_gateway_may_ask(root: Path, settings: ServiceSettings) -> None:
    token = "s" * 40
    guarded = settings.model_copy(update={"service_token": SecretStr(token)})
    async with running(create_app(TOY, guarded)) as client:
        assert (await client.post("/ood-score", content=png(RED))).status_code == 401
        await until_ready(client)
        assert (await client.post("/ood-score", content=png(RED), headers={CREDENTIAL: token})).status_code == 200


def _counts(text: str) -> list[str]:
    """What is counted of predictions; the batches are of the worker, whoever asks it."""
    return [line for line in text.splitlines() if line.startswith("inference_") and "batch" not in line]
