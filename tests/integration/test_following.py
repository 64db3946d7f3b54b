"""One request can be followed: from its answer to the log, to the trace, and to the histogram it was counted in."""

from __future__ import annotations

import base64
import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.collector import Collector, Span, collecting
from tests.support.pictures import png
from tests.support.processes import eventually, free_port
from tests.support.system import System, running_system
from tests.support.toy import RED, write_toy_bundle

pytestmark = pytest.mark.integration
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
SERVER, CLIENT = 2, 3
GATEWAY, TOY = "doctorai-gateway", "doctorai-toy"
CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


@contextmanager
def traced(folder: Path, endpoint: str, **more: str) -> Iterator[System]:
    """A gateway and a toy that send their traces to ``endpoint``."""
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"} | more
    write_toy_bundle(folder / "models")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with running_system(folder, {"toy": "tests.support.toy_service"}, folder / "models") as system:
            yield system


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[System]:
    more = {
        "OTEL_TRACES_SAMPLER": "always_on",
        "OTEL_RESOURCE_ATTRIBUTES": "site=a%20clinic",
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
    }
    with traced(tmp_path_factory.mktemp("traced"), collector.url, **more) as found:
        yield found


async def predict(system: System, **headers: str) -> httpx.Response:
    async with system.client() as api:
        await system.until(api, "toy", is_ready=True, timeout_s=30)
        control = {"Cache-Control": "no-cache", **headers}
        answer = await api.post("/api/predict/toy?mrn=1234567", files={"file": ("a.png", png(RED))}, headers=control)
        assert answer.status_code == 200, answer.text
        return answer


def lines(system: System) -> list[dict[str, Any]]:
    return [json.loads(line) for line in system.gateway.log.read_text().splitlines()]


async def access_line(system: System, answer: httpx.Response) -> dict[str, Any]:
    """The one line of the access log that is about ``answer``."""

    def found() -> list[dict[str, Any]]:
        identifier = answer.headers["x-request-id"]
        return [line for line in lines(system) if line["event"] == "request" and line.get("request_id") == identifier]

    async def written() -> bool:
        return bool(found())

    await eventually(written)
    (line,) = found()
    return line


async def spans_of(collector: Collector, trace_id: str) -> dict[tuple[str, str], Span]:
    """Service and name → span, once both root spans have come."""

    async def there() -> bool:
        return {span.service for span in collector.trace(trace_id) if span.kind == SERVER} == {GATEWAY, TOY}

    await eventually(there, 10)
    return {(span.service, span.name): span for span in collector.trace(trace_id)}


async def test_from_the_answer_to_the_log_to_the_trace_to_the_metrics(system: System, collector: Collector) -> None:
    answer = await predict(system)
    line = await access_line(system, answer)
    expected = {"method": "POST", "route": "/api/predict/{model}", "status": 200, "model": "toy", "level": "info"}
    assert {name: line[name] for name in expected} == expected
    assert line["bytes"] == len(answer.content)
    assert line["duration_ms"] > 0
    spans = await spans_of(collector, line["trace_id"])
    assert set(spans) == {
        (GATEWAY, "POST /api/predict/{model}"),
        (GATEWAY, "POST /predict"),
        *((TOY, name) for name in ("POST /predict", "queue", "decode", "inference")),
    }
    assert_one_tree(spans)
    root = spans[GATEWAY, "POST /api/predict/{model}"]
    assert root.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/predict/{model}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "doctorai.request_id": answer.headers["x-request-id"],
        "doctorai.model": "toy",
    }
    assert root.resource["deployment.environment"] == "local"
    assert root.resource["site"] == "a clinic"
    async with httpx.AsyncClient(headers=OPENMETRICS) as scraper:
        for process in (system.gateway, system.services["toy"]):
            text = (await scraper.get(f"{process.url}/metrics")).text
            assert f'# {{trace_id="{line["trace_id"]}"}}' in text, process.module
    assert "mrn" not in str(spans)


def assert_one_tree(spans: dict[tuple[str, str], Span]) -> None:
    """Every span but the first has its parent there, and happened within it, in its order."""
    root, call = spans[GATEWAY, "POST /api/predict/{model}"], spans[GATEWAY, "POST /predict"]
    served = spans[TOY, "POST /predict"]
    queue, decode, inference = (spans[TOY, name] for name in ("queue", "decode", "inference"))
    assert (root.parent_id, call.parent_id, served.parent_id) == ("", root.span_id, call.span_id)
    assert {queue.parent_id, decode.parent_id, inference.parent_id} == {served.span_id}
    assert (root.kind, call.kind, served.kind) == (SERVER, CLIENT, SERVER)
    assert root.began <= call.began <= call.ended <= root.ended
    assert served.began <= queue.began <= queue.ended <= decode.began < decode.ended <= inference.began
    assert inference.began < inference.ended <= served.ended
    assert inference.attributes == {
        "doctorai.batch.size": 1,
        "doctorai.model.version": "1.0.0",
        "doctorai.decision": "predicted",
    }
    assert call.attributes["server.address"] == "127.0.0.1"


async def test_a_callers_trace_goes_on(system: System, collector: Collector) -> None:
    answer = await predict(system, traceparent=f"00-{CALLER}-00f067aa0ba902b7-00", tracestate="vendor=secret")
    assert (await access_line(system, answer))["trace_id"] == CALLER
    spans = await spans_of(collector, CALLER)
    assert spans[GATEWAY, "POST /api/predict/{model}"].parent_id == "00f067aa0ba902b7"
    assert not any(b"secret" in body for body in collector.raw)


@pytest.mark.parametrize(
    "value", ["00-xyz-1-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"ff-{CALLER}-00f067aa0ba902b7-01"]
)
async def test_a_malformed_one_is_as_good_as_none(system: System, value: str) -> None:
    answer = await predict(system, traceparent=value, tracestate="=,=")
    trace_id = (await access_line(system, answer))["trace_id"]
    assert re.fullmatch("[0-9a-f]{32}", trace_id)
    assert trace_id not in value


async def test_the_cache_is_a_span(system: System, collector: Collector) -> None:
    async with system.client() as api:
        await system.until(api, "toy", is_ready=True, timeout_s=30)
        for _ in range(2):
            last = await api.post("/api/predict/toy", files={"file": ("a.png", png((1, 2, 3)))})
    assert last.json()["cached"]
    trace_id = (await access_line(system, last))["trace_id"]

    async def there() -> bool:
        return len(collector.trace(trace_id)) == 2

    await eventually(there, 10)
    (cache,) = (span for span in collector.trace(trace_id) if span.name == "cache")
    assert cache.attributes == {"doctorai.cache.outcome": "hit"}


async def test_health_and_metrics_are_neither_told_nor_traced(system: System, collector: Collector) -> None:
    answer = await predict(system)
    await access_line(system, answer)
    told = {line["route"] for line in lines(system) if line["event"] == "request"}
    assert not told & {"/livez", "/readyz", "/api/health", "/metrics"}
    assert not any("health" in span.name or "metrics" in span.name for span in collector.spans)


async def test_the_open_inference_protocol_is_traced_as_well(system: System, collector: Collector) -> None:
    pictures = [base64.b64encode(png(colour)).decode() for colour in (RED, (9, 9, 9))]
    tensor = {"name": "image", "shape": [2], "datatype": "BYTES", "data": pictures}
    async with system.client() as api:
        await system.until(api, "toy", is_ready=True, timeout_s=30)
        answer = await api.post("/v2/models/toy/versions/1.0.0/infer", json={"inputs": [tensor]})
    assert answer.status_code == 200, answer.text
    trace_id = (await access_line(system, answer))["trace_id"]
    await spans_of(collector, trace_id)
    names = Counter(span.name for span in collector.trace(trace_id))
    assert names == {
        "POST /v2/models/{model}/versions/{version}/infer": 3,  # of the gateway, its call, the service
        **dict.fromkeys(("queue", "decode", "inference"), 2),
    }


async def test_a_service_tells_no_requests(system: System) -> None:
    await predict(system)
    assert '"event": "request"' not in system.services["toy"].log.read_text()


async def test_a_caller_cannot_make_itself_traced(tmp_path: Path) -> None:
    with collecting() as collector, traced(tmp_path, collector.url, OTEL_TRACES_SAMPLER="always_off") as system:
        answer = await predict(system, traceparent=f"00-{CALLER}-00f067aa0ba902b7-01")
        assert (await access_line(system, answer))["trace_id"] == CALLER
        for process in (system.gateway, system.services["toy"]):
            process.signal(signal.SIGTERM)
            assert process.popen
            assert process.popen.wait(20) == 0
        assert collector.raw == []


async def test_a_collector_that_is_away_harms_nobody(tmp_path: Path) -> None:
    with traced(tmp_path, f"http://127.0.0.1:{free_port()}", OTEL_TRACES_SAMPLER="always_on") as system:
        for _ in range(20):
            await predict(system)

        async def told() -> bool:
            return "traces_not_exported" in system.gateway.log.read_text()

        await eventually(told, 20)
        system.gateway.signal(signal.SIGTERM)
        assert system.gateway.popen
        assert system.gateway.popen.wait(20) == 0
        loud = [line for line in lines(system) if line["level"] in ("warning", "error", "critical")]
        assert [line["event"] for line in loud] == ["traces_not_exported"]


async def test_the_framework_sends_nothing_of_its_own(system: System, collector: Collector) -> None:
    """It would tell paths and what exceptions say."""
    await spans_of(collector, (await access_line(system, await predict(system)))["trace_id"])
    assert {span.service for span in collector.spans} == {GATEWAY, TOY}
    assert collector.paths == {"/v1/traces"}
