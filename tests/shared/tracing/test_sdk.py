"""Spans as they reach a collector: who decides on them, what they hold, and what happens when it is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.settings import CommonSettings
from shared.tracing import sdk
from shared.tracing.trace import Trace, current_exemplar, enter, leave
from shared.tracing.tracing import Tracing, open_tracing
from tests.support.collector import Collector, collecting
from tests.support.processes import free_port

CALLER, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def request(path: str = "/predict", flags: str | None = None) -> dict[str, Any]:
    headers = [(b"traceparent", f"00-{CALLER}-{SPAN}-{flags}".encode())] if flags else []
    return {"type": "http", "method": "POST", "path": path, "scheme": "http", "headers": headers}


def tracing(url: str, ratio: float | None, **more: Any) -> Tracing:
    settings = CommonSettings(doctorai_mode="local", otel_exporter_otlp_endpoint=url, **more)
    return open_tracing(settings, "xray", "xray-1", ratio=ratio, quiet=("/livez",))


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.mark.parametrize("flags", ["00", "01", None])
@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_a_gateway_decides_by_itself(collector: Collector, flags: str | None, ratio: float) -> None:
    opened = tracing(collector.url, ratio)
    trace = opened.begin(request(flags=flags))
    assert trace.sampled is bool(ratio)
    assert (trace.trace_id == CALLER) is (flags is not None)
    opened.close()


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), (None, False)])
def test_a_service_follows(collector: Collector, flags: str | None, sampled: bool) -> None:
    opened = tracing(collector.url, None)
    assert opened.begin(request(flags=flags)).sampled is sampled
    opened.close()


def test_health_is_not_traced(collector: Collector) -> None:
    opened = tracing(collector.url, 1.0)
    assert not opened.begin(request("/livez")).sampled
    opened.close()


def test_opentelemetrys_own_switch_counts(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    opened = tracing(collector.url, 1.0)
    trace = opened.begin(request(flags="01"))
    assert (trace.sampled, trace.trace_id) == (False, CALLER)
    opened.close()


def test_a_share_is_a_share(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "_MOST_A_SECOND", 1e9)
    opened = tracing(collector.url, 0.25)
    sampled = sum(opened.begin(request()).sampled for _ in range(4000))
    assert 800 < sampled < 1200
    opened.close()


def test_of_a_share_no_more_than_ten_a_second_are_recorded(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    opened = tracing(collector.url, 0.9999999)
    assert sum(opened.begin(request()).sampled for _ in range(200)) == 10
    now[0] = 1.0
    assert sum(opened.begin(request()).sampled for _ in range(200)) == 10
    opened.close()


def test_closing_sends_what_waits(collector: Collector) -> None:
    opened = tracing(collector.url, 1.0, otel_exporter_otlp_headers="key=a%20b", otel_resource_attributes="site=x")
    trace = opened.begin(request(flags="00"))
    trace.add("decode", time.perf_counter(), time.perf_counter(), {"n": 1})
    trace.end(request(), 503, "request-1")
    opened.close()
    decode, server = collector.trace(CALLER)
    assert decode.parent_id == server.span_id
    assert (server.parent_id, server.failed, server.resource["site"]) == (SPAN, True, "x")
    assert server.attributes["error.type"] == "503"
    assert collector.headers[0]["key"] == "a b"


def test_a_call_that_fails_says_how(collector: Collector) -> None:
    opened = tracing(collector.url, 1.0)
    trace = opened.begin(request())
    for error in (ValueError("secret"), asyncio.CancelledError()):
        call = trace.call("POST", "/predict", "http://10.0.0.1:8080")
        assert call.header == f"00-{trace.trace_id}-{call.header[36:52]}-01"
        with pytest.raises(type(error)), call:
            raise error
    opened.close()
    assert [span.attributes["error.type"] for span in collector.spans] == ["ValueError", "CancelledError"]
    assert {span.attributes["server.address"] for span in collector.spans} == {"10.0.0.1"}
    assert b"secret" not in b"".join(collector.raw)


def test_packed_spans_are_read(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    opened = tracing(collector.url, 1.0)
    opened.begin(request()).end(request(), 200, "request-1")
    opened.close()
    assert collector.headers[0]["content-encoding"] == "gzip"
    assert len(collector.spans) == 1


def test_closing_does_not_wait_for_a_collector_that_is_away() -> None:
    opened = tracing(f"http://127.0.0.1:{free_port()}", 1.0)
    opened.begin(request()).end(request(), 200, "request-1")
    began = time.monotonic()
    opened.close()
    assert time.monotonic() - began < 5


def test_only_a_trace_that_can_be_seen_is_an_exemplar(collector: Collector) -> None:
    opened = tracing(collector.url, 1.0)
    sampled = opened.begin(request())
    for trace, expected in ((sampled, {"trace_id": sampled.trace_id}), (Trace(CALLER), None)):
        token = enter(trace)
        assert current_exemplar() == expected
        leave(token)
    assert current_exemplar() is None
    opened.close()
