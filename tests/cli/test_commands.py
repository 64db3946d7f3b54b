"""predict, status and models against a system; their failures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cli import ask
from cli.main import app
from tests.support.instances import prediction
from tests.support.pictures import jpeg

runner = CliRunner()
HEALTH: dict[str, Any] = {
    "status": "degraded",
    "summary": "1/2 models available",
    "dependencies": {"redis": {"status": "up"}},
    "services": {
        "xray": {
            "ready": True,
            "reason": None,
            "instances": [{"ready": True, "version": "1.0.0", "rss_bytes": 123_000_000}],
        },
        "chatbot": {"ready": False, "reason": "no instance has announced itself", "instances": []},
    },
}
MODELS: dict[str, Any] = {
    "models": [
        {
            "model": "xray",
            "ready": True,
            "version": "1.0.0",
            "runtime": "litert",
            "labels": {"normal": {}, "pneumonia": {}},
            "metrics": {"test": {"accuracy": {"value": 0.91, "low": 0.88, "high": 0.94}}},
        },
        {"model": "chatbot", "ready": False, "reason": "no instance has announced itself"},
    ]
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, httpx.Response]:
    """Path → what the gateway answers."""
    found = {
        "/api/health": httpx.Response(200, json=HEALTH),
        "/api/models": httpx.Response(200, json=MODELS),
        "/metrics": httpx.Response(404),
        "/api/predict/xray": httpx.Response(200, content=prediction().model_dump_json()),
    }

    def request(method: str, url: str, **options: Any) -> httpx.Response:
        response = found[httpx.URL(url).path]
        response.request = httpx.Request(method, url)
        return response

    monkeypatch.setattr(ask.httpx, "request", request)
    return found


def test_predict_shows_a_table(answers: dict[str, httpx.Response], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    result = runner.invoke(app, ["predict", str(tmp_path / "a.jpg"), "--model", "xray"])
    assert result.exit_code == 0, result.output
    assert "90.0%" in result.output
    assert "normal" in result.output


def test_predict_json_is_json(answers: dict[str, httpx.Response], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    result = runner.invoke(app, ["predict", str(tmp_path / "a.jpg"), "--model", "xray", "--json"])
    assert json.loads(result.output)["result"] == "normal"


def test_an_error_is_one_line_and_code_1(answers: dict[str, httpx.Response], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"text")
    body = {"code": "INVALID_IMAGE", "detail": "The file is not an image: found text."}
    answers["/api/predict/xray"] = httpx.Response(400, json=body)
    result = runner.invoke(app, ["predict", str(tmp_path / "a.jpg"), "--model", "xray"])
    assert result.exit_code == 1
    assert "INVALID_IMAGE: The file is not an image: found text." in result.output


CHAT: dict[str, Any] = {
    "response": "Migraine\n\nSymptoms: [bold]throbbing[/] headache",
    "red_flag": False,
    "sources": [{"title": "Migraine", "topic": "migraine", "reference": "NHS: Migraine"}],
    "disclaimer": "For education and research only.",
    "session_id": "0123456789abcdef",
}


def test_ask(answers: dict[str, httpx.Response]) -> None:
    answers["/api/chatbot"] = httpx.Response(200, json=CHAT)
    result = runner.invoke(app, ["ask", "What is migraine?", "--session", "0123456789abcdef"])
    assert result.exit_code == 0, result.output
    assert "[bold]throbbing[/]" in result.output, "an answer is text, not markup"
    assert "NHS: Migraine" in result.output
    assert "--session 0123456789abcdef" in result.output
    assert json.loads(runner.invoke(app, ["ask", "x", "--json"]).output) == CHAT


def test_status(answers: dict[str, httpx.Response]) -> None:
    result = runner.invoke(app, ["status"])
    assert result.exit_code == 0
    assert "1/2 models available" in result.output
    assert "no instance" in result.output
    answers["/api/health"] = httpx.Response(200, json={**HEALTH, "status": "unhealthy"})
    assert runner.invoke(app, ["status"]).exit_code == 1


def test_status_tells_what_is_not_served_and_what_is_served_beside(answers: dict[str, httpx.Response]) -> None:
    notice = "version 1.1.0 is not served: [bold]model.tflite[/] does not match its checksum"
    one = {"ready": True, "version": "1.0.0", "rss_bytes": 1, "notice": notice, "beside": {"canary": "1.2.0"}}
    health = {**HEALTH, "services": {"xray": {"ready": True, "reason": None, "instances": [one, one]}}}
    answers["/api/health"] = httpx.Response(200, json=health)
    output = runner.invoke(app, ["status"]).output
    assert f"! xray: {notice} (2 of 2 instances)" in output
    assert "canary" in output


def test_models(answers: dict[str, httpx.Response]) -> None:
    result = runner.invoke(app, ["models"])
    assert result.exit_code == 0
    assert "0.910" in result.output
    assert json.loads(runner.invoke(app, ["models", "--json"]).output) == MODELS


def test_nobody_there() -> None:
    result = runner.invoke(app, ["status", "--url", "http://127.0.0.1:1"])
    assert result.exit_code == 1
    assert "doctorai up" in result.output


def test_a_missing_file_is_named() -> None:
    result = runner.invoke(app, ["predict", "nowhere.jpg", "--model", "xray"])
    assert result.exit_code == 2
    assert "nowhere.jpg" in result.output
