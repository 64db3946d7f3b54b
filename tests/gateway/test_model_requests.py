"""Every request for an answer of a model is counted once, whichever way it came and whatever came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace

import httpx
import pytest

from gateway.metrics import GatewayMetrics
from gateway.model_requests import ModelRequests
from gateway.routing.upstream import Upstream
from shared.recent_versions import MOST
from tests.gateway.faked import Faked, abstained, chatted, problem
from tests.support.pictures import jpeg

Ask = Callable[[Faked], Awaitable[object]]


NAME = "model_requests_total"
DURATION = 'model_request_duration_seconds_count{model="xray"}'


def line(model: str, version: str, outcome: str) -> str:
    return f'model_requests_total{{model="{model}",outcome="{outcome}",version="{version}"}}'


async def chat(fake: Faked) -> httpx.Response:
    return await fake.api.post("/api/chatbot", json={"message": "hello"})


async def completion(fake: Faked) -> httpx.Response:
    asked = {"model": "chatbot", "messages": [{"role": "user", "content": "hello"}]}
    return await fake.api.post("/v1/chat/completions", json=asked)


@pytest.mark.parametrize(
    ("ask", "model", "version", "outcome"),
    [
        (lambda fake: fake.predict(), "xray", "1.0.0", "predicted"),
        (lambda fake: fake.predict("/api/xray"), "xray", "1.0.0", "predicted"),
        (lambda fake: fake.infer(), "xray", "1.0.0", "predicted"),
        (chat, "chatbot", "2.0.0", "answer"),
        (completion, "chatbot", "2.0.0", "answer"),
        (lambda fake: fake.predict("/api/predict/palm"), "palm_disease", "", "model_unavailable"),
        (lambda fake: fake.api.post("/api/predict/xray", files={"file": b"no"}), "xray", "", "invalid_image"),
    ],
)
async def test_each_way_is_counted_and_timed(fake: Faked, ask: Ask, model: str, version: str, outcome: str) -> None:
    await ask(fake)
    assert await fake.counted("model_requests_total") == {line(model, version, outcome).removeprefix(NAME): 1}
    timed = {} if outcome == "invalid_image" else {f'{{model="{model}"}}': 1}
    assert await fake.counted("model_request_duration_seconds_count") == timed


@pytest.mark.parametrize("reason", ["out_of_distribution", "low_confidence", "image_quality"])
async def test_an_abstention_is_an_outcome_with_a_reason(fake: Faked, reason: str) -> None:
    fake.answers["/predict"] = abstained(reason)
    await fake.predict()
    assert await fake.value(line("xray", "1.0.0", "abstained")) == 1
    counted = f'model_abstentions_total{{model="xray",reason="{reason}",version="1.0.0"}}'
    assert await fake.value(counted) == 1
    decisions = [{"name": "decision", "datatype": "BYTES", "shape": [3], "data": [reason, "predicted", reason]}]
    await fake.infer(decisions)
    assert await fake.value(counted) == 3
    assert await fake.value(line("xray", "1.0.0", "predicted")) == 1


@pytest.mark.parametrize("kind", ["emergency", "clarify", "refusal", "smalltalk"])
async def test_a_chat_is_counted_by_its_kind(fake: Faked, kind: str) -> None:
    fake.answers["/chat"] = chatted(kind)
    await chat(fake)
    assert await fake.value(line("chatbot", "2.0.0", kind)) == 1


async def test_an_error_has_no_version(fake: Faked) -> None:
    for status, code in ((503, "OVERLOADED"), (400, "INVALID_IMAGE"), (500, "SURPRISE"), (504, "TIMEOUT")):
        fake.answers["/predict"] = problem(status, code)
        await fake.predict()
    for outcome in ("overloaded", "invalid_image", "model_unavailable", "timeout"):
        assert await fake.value(line("xray", "", outcome)) == 1, outcome
    assert await fake.value(DURATION) == 3, "how soon a caller is told of a mistake is no measure of the system"


async def test_what_nobody_expected_and_who_left(fake: Faked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    async def never(*_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Upstream, "predict", broken)
    assert (await fake.predict()).status_code == 500
    assert await fake.value(line("xray", "", "internal_error")) == 1
    asked = asyncio.Event()
    monkeypatch.setattr(Upstream, "predict", never)
    task = asyncio.create_task(fake.predict())
    await asked.wait()
    assert await fake.value('model_requests_in_flight{model="xray"}') == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await fake.value(line("xray", "", "client_gone")) == 1
    assert await fake.value(DURATION) == 1, "the one that failed; the one that left says nothing"


async def test_what_is_refused_before_the_model_is_known_is_counted_elsewhere(fake: Faked) -> None:
    fake.api.headers["Authorization"] = "Bearer nonsense"
    assert (await fake.predict()).status_code == 401
    assert await fake.counted(NAME) == {}


async def test_a_service_that_makes_up_versions_does_not_fill_prometheus(fake: Faked) -> None:
    for number in range(30):
        fake.answers["/predict"] = abstained(version=f"1.0.{number}")
        await fake.predict()
        await fake.predict()
    last = {f'{{model="xray",outcome="abstained",version="1.0.{number}"}}': 2.0 for number in range(30 - MOST, 30)}
    assert await fake.counted(NAME) == last
    assert len(await fake.counted("model_abstentions_total")) == MOST
    fake.answers["/predict"] = abstained(version="1.0.0")
    await fake.predict()
    assert await fake.value(line("xray", "1.0.0", "abstained")) == 1, "one that comes back begins anew"


def test_one_model_does_not_use_up_the_versions_of_another() -> None:
    metrics = GatewayMetrics({})
    requests = ModelRequests(metrics)
    requests.count("xray", "9.0.0", "predicted", 0.1)
    for number in range(25):
        requests.count("tumor", f"1.0.{number}", "predicted", 0.1)
    requests.count("xray", "9.0.0", "predicted", 0.1)
    told = {"model": "xray", "version": "9.0.0", "outcome": "predicted"}
    assert metrics.registry.get_sample_value(NAME, told) == 2


def test_a_model_that_nobody_expected_has_its_faults_from_its_first_request_on() -> None:
    metrics = GatewayMetrics({})
    assert metrics.registry.get_sample_value(NAME, fault("heart")) is None
    ModelRequests(metrics).count("heart", "1.0.0", "predicted", 0.1)
    assert metrics.registry.get_sample_value(NAME, fault("heart")) == 0


def fault(model: str) -> dict[str, str]:
    return {"model": model, "version": "", "outcome": "timeout"}


@pytest.mark.parametrize("path", ["/api/predict/xray", "/v2/models/xray/infer"])
async def test_a_slow_upload_is_not_our_time(fake: Faked, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    now = [0.0]
    monkeypatch.setattr("gateway.trail.time", SimpleNamespace(perf_counter=lambda: now[0]))
    await fake.infer()
    picture = jpeg()
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = [b'{"inputs"', b": []}"] if path.endswith("infer") else [head + picture[:9], picture[9:] + b"\r\n--x--\r\n"]

    async def slowly() -> AsyncIterator[bytes]:
        yield body[0]
        now[0] += 60  # the caller's connection
        yield body[1]

    answer = await fake.api.post(path, content=slowly(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 200, answer.text
    assert await fake.value(DURATION) == 2
    assert await fake.value(DURATION.replace("_count", "_sum")) == 0


async def test_the_audit_log_knows_the_decision_of_an_infer(fake: Faked) -> None:
    said = []
    record = fake.state.trail.log.record
    fake.state.trail.log.record = lambda event: (said.append(event.decision), record(event))[1]  # type: ignore[method-assign]
    await fake.infer()
    await fake.infer([{"name": "decision", "datatype": "BYTES", "shape": [1], "data": ["image_quality"]}])
    assert said == ["predicted", "abstained"]
