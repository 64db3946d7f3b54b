"""One line for each request, without anything that says who asked or what for."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.support.apps import running
from tests.support.people import signed_in

TOLD = {"event", "method", "route", "status", "duration_ms", "bytes", "request_id", "trace_id", "model"}


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "gateway.access")
    return caplog


def lines(told: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The fields of each, with its level."""
    found = [record for record in told.records if record.name == "gateway.access"]
    return [{**record.__dict__["fields"], "at": record.levelname} for record in found]


async def test_a_request_is_a_line(told: pytest.LogCaptureFixture, api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/predict/xray?mrn=123", files={"file": ("a.png", b"no picture")})
    (line,) = lines(told)
    assert line.keys() - {"at"} <= TOLD
    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/predict/{model}", answer.status_code)
    assert (line["model"], line["at"]) == ("xray", "INFO")
    assert line["bytes"] == len(answer.content)
    assert line["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/secret/123", ("GET", "unmatched", 404)),
        ("BREW", "/api/health", ("OTHER", "/api/health", 405)),
        ("DELETE", "/api/chatbot/session-123", ("DELETE", "/api/chatbot/{session_id}", 503)),
    ],
)
async def test_a_path_is_not_told(
    told: pytest.LogCaptureFixture, api: httpx.AsyncClient, method: str, path: str, expected: tuple[str, str, int]
) -> None:
    await api.request(method, path)
    (line,) = lines(told)
    assert (line["method"], line["route"], line["status"]) == expected
    assert "123" not in f"{line['route']}{line.get('model')}"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/api/health", "/metrics"])
async def test_what_is_asked_every_few_seconds_is_told_at_debug(
    told: pytest.LogCaptureFixture, api: httpx.AsyncClient, path: str
) -> None:
    await api.get(path)
    assert [line["at"] for line in lines(told)] == ["DEBUG"]


@pytest_asyncio.fixture
async def silent(alone: GatewaySettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(alone.model_copy(update={"access_log": False}))) as client:
        client.headers.update(signed_in())
        yield client


async def test_it_can_be_left_out(told: pytest.LogCaptureFixture, silent: httpx.AsyncClient) -> None:
    assert (await silent.get("/api/models")).headers["x-request-id"]
    assert lines(told) == []
