"""Each attempt to get an answer is a span: retries and hedges can be seen."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from gateway.routing.upstream import Call
from shared.http.deadline import Deadline
from shared.settings import CommonSettings
from shared.tracing.trace import Trace, enter, leave
from shared.tracing.tracing import open_tracing
from tests.gateway.routing.test_upstream import GOOD, PAYLOAD, upstream
from tests.support.collector import Collector, collecting

REQUEST = {"type": "http", "method": "POST", "path": "/", "headers": []}


class Traced:
    """A request that is traced; ``spans`` are what its calls were."""

    def __init__(self, collector: Collector) -> None:
        settings = CommonSettings(doctorai_mode="local", otel_exporter_otlp_endpoint=collector.url)
        self._tracing = open_tracing(settings, "gateway", "gateway-1", ratio=1.0)
        self._collector = collector
        self.trace: Trace = self._tracing.begin(REQUEST)

    def calls(self) -> list[dict[str, object]]:
        self._tracing.close()
        spans = sorted(self._collector.spans, key=lambda span: span.began)
        return [{"name": span.name, "failed": span.failed, **span.attributes} for span in spans]


@pytest.fixture
def traced() -> Iterator[Traced]:
    with collecting() as collector:
        found = Traced(collector)
        token = enter(found.trace)
        yield found
        leave(token)


async def test_a_retry_is_a_span_of_its_own(traced: Traced) -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["traceparent"])
        if len(seen) == 1:
            raise httpx.ConnectError("refused")
        return GOOD

    up, _ = upstream("ab", handler)
    await up.predict("xray", PAYLOAD, Deadline(5))
    first, second = traced.calls()
    assert (first["name"], first["failed"], first["error.type"]) == ("POST /predict", True, "WireError")
    assert (second["failed"], second["http.response.status_code"]) == (False, 200)
    assert {first["server.address"], second["server.address"]} == {"a", "b"}
    assert len({value[36:52] for value in seen}) == 2
    assert {value[:35] + value[-3:] for value in seen} == {f"00-{traced.trace.trace_id}-01"}


async def test_what_a_caller_chose_is_not_in_the_name(traced: Traced) -> None:
    up, _ = upstream("a", lambda _: GOOD)
    version = Call("GET", "/v2/models/xray/versions/jane-doe", route="/v2/models/{model}/versions/{version}")
    await up.predict("xray", version, Deadline(5))
    await up.predict("xray", Call("POST", "/predict?explain=true"), Deadline(5))
    assert [call["name"] for call in traced.calls()] == ["GET /v2/models/{model}/versions/{version}", "POST /predict"]


async def test_without_a_request_in_hand_a_call_has_an_id_all_the_same() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["traceparent"])
        return GOOD

    up, _ = upstream("a", handler)
    await up.predict("xray", PAYLOAD, Deadline(5))
    assert seen[0].endswith("-00")
