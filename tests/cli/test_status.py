"""The table of `doctorai status`, with and without the metrics."""

from __future__ import annotations

import itertools
import time
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli import status as module
from cli.main import app

runner = CliRunner(env={"COLUMNS": "160"})
INSTANCE = {"ready": True, "version": "1.0.0", "rss_bytes": 123_000_000}
HEALTH: dict[str, Any] = {
    "status": "healthy",
    "summary": "1/1 models available",
    "dependencies": {"redis": {"status": "up"}},
    "services": {"palm": {"model": "palm_disease", "ready": True, "reason": None, "instances": [INSTANCE]}},
}
METRICS = """# TYPE model_requests_total counter
model_requests_total{model="palm_disease",version="1.0.0",outcome="predicted"} 3
model_requests_total{model="palm_disease",version="",outcome="timeout"} 1
# TYPE model_request_duration_seconds histogram
model_request_duration_seconds_bucket{model="palm_disease",le="0.1"} 4
model_request_duration_seconds_bucket{model="palm_disease",le="+Inf"} 4
"""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> dict[str, httpx.Response | Exception]:
    """Path → what it answers; the metrics only to those who show the token."""
    found: dict[str, httpx.Response | Exception] = {
        "/api/health": httpx.Response(200, json=HEALTH),
        "/metrics": httpx.Response(200, text=METRICS),
    }

    def request(method: str, url: str, *, headers: dict[str, str], **options: Any) -> httpx.Response:
        answer = found[httpx.URL(url).path]
        if isinstance(answer, Exception):
            raise answer
        if url.endswith("/metrics") and headers.get("Authorization") != "Bearer a-token":
            return httpx.Response(404)
        return answer

    monkeypatch.setattr(httpx, "request", request)
    return found


def test_latency_and_errors_for_those_who_may_see_them(gateway: dict[str, httpx.Response | Exception]) -> None:
    result = runner.invoke(app, ["status", "--metrics-token", "a-token"])
    row = next(line for line in result.output.splitlines() if "palm" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][4:] == ["4", "25.0%", "50 ms", "95 ms"]
    assert "since the gateway's start" in result.output


def test_a_service_without_an_instance_has_its_models_figures(gateway: dict[str, httpx.Response | Exception]) -> None:
    away = {"model": "palm_disease", "ready": False, "reason": "gone", "instances": []}
    gateway["/api/health"] = httpx.Response(200, json={**HEALTH, "services": {"palm": away}})
    result = runner.invoke(app, ["status", "--metrics-token", "a-token"])
    assert "25.0%" in result.output


def test_without_the_metrics_the_rest_is_shown(gateway: dict[str, httpx.Response | Exception]) -> None:
    result = runner.invoke(app, ["status"])
    assert result.exit_code == 0
    assert "123 MB" in result.output
    assert "METRICS_TOKEN" in result.output
    gateway["/metrics"] = httpx.ReadTimeout("slow")
    assert "123 MB" in runner.invoke(app, ["status"]).output
    gateway["/metrics"] = httpx.Response(200, text="<html>")
    assert "123 MB" in runner.invoke(app, ["status", "--metrics-token", "a-token"]).output


def test_a_live_table_outlives_the_gateway(
    gateway: dict[str, httpx.Response | Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = itertools.count()

    def wait(seconds: float) -> None:
        match next(looks):
            case 0:
                gateway["/api/health"] = httpx.ConnectError("refused")
            case 1:
                gateway["/api/health"] = httpx.Response(200, json={**HEALTH, "summary": "back again"})
            case _:
                raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", wait)
    shown: list[str] = []
    look = module._look

    def noted(*words: Any) -> Any:
        with module.show.console.capture() as capture:
            module.show.console.print(found := look(*words))
        shown.append(capture.get())
        return found

    monkeypatch.setattr(module, "_look", noted)
    assert runner.invoke(app, ["status", "--watch", "--metrics-token", "a-token"]).exit_code == 0
    first, second, third = shown
    assert "1/1 models available" in first
    assert "does not answer" in second
    assert "back again" in third


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        (120, ["service", "ready", "version", "memory", "requests", "failed", "p50", "p95"]),
        (60, ["service", "ready", "requests", "failed", "p50", "p95"]),
        (40, ["service", "ready", "failed", "p95"]),
        (32, ["service", "ready", "failed"]),
    ],
)
def test_a_narrow_terminal_has_fewer_columns_and_whole_names(
    gateway: dict[str, httpx.Response | Exception], monkeypatch: pytest.MonkeyPatch, columns: int, named: list[str]
) -> None:
    services = {name: {**HEALTH["services"]["palm"], "model": "palm_disease"} for name in ("lung_colon", "palm")}
    gateway["/api/health"] = httpx.Response(200, json={**HEALTH, "services": services})
    monkeypatch.setattr(module.show.console, "_width", columns)
    lines = runner.invoke(app, ["status", "--metrics-token", "a-token"]).output.splitlines()
    assert next(line for line in lines if "service" in line).replace("┃", " ").split() == named
    row = next(line for line in lines if "lung_colon" in line)
    assert "1/1" in row
    assert "…" not in row
    assert len(row) <= columns


def test_a_gateway_that_hangs_is_waited_for_as_long_as_when_it_is_watched(
    gateway: dict[str, httpx.Response | Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway["/api/health"] = httpx.ReadTimeout("slow")
    assert "did not answer within 10 s" in runner.invoke(app, ["status"]).output


def test_one_look_as_json_cannot_be_watched(gateway: dict[str, httpx.Response | Exception]) -> None:
    result = runner.invoke(app, ["status", "--watch", "--json"])
    assert result.exit_code == 2
    assert "--watch" in result.output
    assert "--json" in result.output
