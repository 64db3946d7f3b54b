"""A caller who hangs up, or is slow, while the request is still arriving: nobody's fault here, whoever counts it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.app import create_app
from gateway.metrics import FAULTS
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from shared.http.limits import BodyLimit
from tests.shared.audit.helpers import lines
from tests.support.people import signed_in
from tests.support.processes import eventually
from tests.support.servers import serving

PICTURE = b"\xff\xd8\xff\xe0"
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + PICTURE
LENGTH, CHUNKED = "Content-Length: 4096", "Transfer-Encoding: chunked"


async def cut(port: int, path: str, kind: str, size: str, body: bytes, reached: Callable[[], bool]) -> None:
    """Sends the head and ``body``, which is not all of it, and breaks off once it was ``reached``."""
    shown = [f"{name}: {value}" for name, value in signed_in().items()]
    lines = [f"POST {path} HTTP/1.1", "Host: test", *shown, f"Content-Type: {kind}", size, "", ""]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join(lines).encode())
    writer.write(f"{len(body):x}\r\n".encode() + body + b"\r\n" if size == CHUNKED else body)
    await writer.drain()
    await until(reached)
    writer.close()
    await writer.wait_closed()


async def until(found: Callable[[], bool]) -> None:
    async def look() -> bool:
        return found()

    await eventually(look)


def value(state: GatewayState, name: str, **labels: str) -> float:
    return state.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize("size", [LENGTH, CHUNKED])
@pytest.mark.parametrize(
    ("path", "kind", "body", "action"),
    [
        ("/api/predict/xray", "multipart/form-data; boundary=x", FORM, "predict"),
        ("/api/predict/xray", "image/jpeg", PICTURE, "predict"),
        ("/api/predict/palm", "application/json", b"[0.1,", "predict"),
        ("/v2/models/xray/infer", "application/json", b'{"inputs":', "infer"),
    ],
)
async def test_an_upload_that_breaks_off_is_the_callers(
    alone: GatewaySettings, tmp_path: Path, path: str, kind: str, body: bytes, action: str, size: str
) -> None:
    app = create_app(alone.model_copy(update={"audit_log_path": tmp_path / "audit"}))
    state: GatewayState = app.state.gateway
    async with serving(app) as port:
        await cut(port, path, kind, size, body, lambda: state.metrics.in_flight == 1)
        await until(lambda: state.metrics.in_flight == 0)
        await state.trail.log.flush()
        told: list[dict[str, Any]] = [line["event"] for line in lines(tmp_path / "audit")]
    assert [(event["action"], event["outcome"]) for event in told[1:]] == [(action, "CLIENT_GONE")]
    model = "palm_disease" if "palm" in path else "xray"
    assert value(state, "model_requests_total", model=model, version="", outcome="client_gone") == 1
    assert value(state, "model_requests_total", model=model, version="", outcome="internal_error") == 0
    assert sum(point.errors for point in state.activity.activity([model]).models[model]) == 0


async def test_an_upload_that_takes_too_long_is_the_callers(
    alone: GatewaySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BodyLimit.__init__.__kwdefaults__, "within_s", 0.1)
    app = create_app(alone.model_copy(update={"audit_log_path": tmp_path / "audit"}))
    state: GatewayState = app.state.gateway

    def refused() -> bool:
        return value(state, "model_requests_total", model="xray", version="", outcome="upload_timeout") == 1

    async with serving(app) as port:
        await cut(port, "/api/predict/xray", "image/jpeg", LENGTH, PICTURE, refused)
        await until(lambda: state.metrics.in_flight == 0)
        await state.trail.log.flush()
        told = [line["event"]["outcome"] for line in lines(tmp_path / "audit")]
    assert told[1:] == ["UPLOAD_TIMEOUT"]
    assert not any(value(state, "model_requests_total", model="xray", version="", outcome=word) for word in FAULTS)
    assert value(state, "http_requests_total", route="/api/predict/{model}", method="POST", status="408") == 1


async def test_a_body_that_the_framework_reads_is_no_refusal_either(alone: GatewaySettings, tmp_path: Path) -> None:
    app = create_app(alone.model_copy(update={"audit_log_path": tmp_path / "audit"}))
    state: GatewayState = app.state.gateway
    async with serving(app) as port:
        await cut(port, "/api/chatbot", "application/json", LENGTH, b"{", lambda: state.metrics.in_flight == 1)
        await until(lambda: state.metrics.in_flight == 0)
    assert value(state, "http_requests_total", route="/api/chatbot", method="POST", status="499") == 1
