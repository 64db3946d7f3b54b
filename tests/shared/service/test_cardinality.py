"""The number of series is bounded, and nothing of a request becomes one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
from fastapi import FastAPI

from shared.contract import Prediction
from shared.recent_versions import MOST
from tests.support.expositions import series
from tests.support.pictures import png
from tests.support.toy import BLUE, RED

ODD = "p4tient"
"""In everything that the caller chooses."""
Asked = tuple[str, str, dict[str, str], bytes]


def odd_requests(count: int) -> Iterator[Asked]:
    """Method, path, headers and body, each with a word of its own in it."""
    for at in range(count):
        word = f"{ODD}{at}"
        headers = {
            "X-Request-ID": f"{word}-0001",
            "User-Agent": word,
            "X-User": word,
            "Authorization": f"Bearer {word}",
            "traceparent": f"00-{at:032x}-{at:016x}-01",
        }
        infer = {"id": word, "inputs": [{"name": word, "datatype": "BYTES", "shape": [1], "data": [word]}]}
        yield "GET", f"/nothing/{word}", headers, b""
        yield "GET", f"/v2/models/{word}", headers, b""
        yield "GET", f"/v2/models/toy/versions/{word}", headers, b""
        yield "POST", f"/v2/models/toy/infer?{word}={word}", headers, json.dumps(infer).encode()
        yield "POST", f"/predict?{word}=1&explain={word}", headers, png(RED)
        yield "POST", "/predict", headers | {"X-Request-Timeout-Ms": word}, png(RED)
        yield "POST", "/predict", headers, word.encode()
        yield "POST", "/predict", headers, png((at % 256, 20, 20))[: 80 + at]
        yield "POST", "/predict", headers | {"Content-Type": "application/json"}, json.dumps([word]).encode()
        yield "GET", "/metrics", headers | {"Accept": f"application/openmetrics-text; version={word}"}, b""
        yield f"X{word.upper()}", "/predict", headers, b""


async def test_no_request_makes_a_new_series(ready: httpx.AsyncClient) -> None:
    for picture in (png(RED), png(BLUE), png(RED)[:80]):
        await ready.post("/predict", content=picture)
    before = series((await ready.get("/metrics")).text)
    for method, path, headers, body in odd_requests(60):
        answer = await ready.request(method, path, headers=headers, content=body)
        assert answer.status_code < 500, (method, path)
    text = (await ready.get("/metrics")).text
    assert series(text) == before
    assert ODD not in text.lower()


async def test_versions_come_and_go(ready: httpx.AsyncClient, app: FastAPI) -> None:
    metrics = app.state.service.metrics
    answer = Prediction.model_validate((await ready.post("/predict", content=png(RED))).json())
    for at in range(MOST):
        metrics.predicted(_changed(answer, f"2.0.{at}"))
    full = len(series((await ready.get("/metrics")).text))
    for at in range(MOST, 300):
        metrics.predicted(_changed(answer, f"2.0.{at}"))
    text = (await ready.get("/metrics")).text
    assert len(series(text)) == full
    assert 'version="2.0.299"' in text
    assert 'version="2.0.0"' not in text


def _changed(answer: Prediction, version: str) -> Prediction:
    update = {"model_version": version, "ood_score": 0.1, "abstain_reason": "low_confidence"}
    return answer.model_copy(update=update)


async def test_comparisons_go_with_their_version(ready: httpx.AsyncClient, app: FastAPI) -> None:
    comparisons = app.state.service.metrics.comparisons
    loaded = app.state.service.host.loaded.active
    comparisons._count(loaded, loaded, "agree")
    assert "inference_comparisons_total{" in (await ready.get("/metrics")).text
    comparisons.forget("1.0.0")
    assert "inference_comparisons_total{" not in (await ready.get("/metrics")).text
