"""What users said, written out for a program or for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.cli.conftest import Run, Stored
from tests.cli.fake_gateway import Answer, FakeGateway, problem

RECORD: dict[str, Any] = {
    "time": "2026-03-01T12:00:00Z",
    "user": "a" * 32,
    "request_id": "request-1",
    "model": "xray",
    "model_version": "1.0.0",
    "model_digest": None,
    "result": "normal",
    "decision": "predicted",
    "confidence": 0.9,
    "predicted": "2026-03-01T11:00:00Z",
    "verdict": "disagree",
    "label": "pneumonia",
    "has_note": True,
}
NOTED = {**RECORD, "note": '=HYPERLINK("http://evil.example","ورم")\nand a line'}
HOSTILE = {**RECORD, "request_id": "-1+1", "note": "\u202e\x1b[2J=1+1"}
pytestmark = pytest.mark.usefixtures("signed_in")


def answer(gateway: FakeGateway, *records: Any, asked: str = "") -> None:
    body = "".join(json.dumps(record) + "\n" for record in records).encode()
    gateway.set("GET", f"/api/feedback{asked}", Answer(200, body, {"Content_Type": "application/x-ndjson"}))


def rows(output: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(output, newline="")))


def test_json_lines(run: Run, gateway: FakeGateway) -> None:
    answer(gateway, RECORD, RECORD)
    result = run("feedback", "export")
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [RECORD, RECORD]


def test_what_is_asked(run: Run, gateway: FakeGateway) -> None:
    answer(gateway, NOTED, asked="?model=xray&since=2026-03-01T00%3A00%3A00%2B00%3A00&notes=true")
    result = run("feedback", "export", "--model", "xray", "--since", "2026-03-01", "--notes")
    assert json.loads(result.stdout) == NOTED


def test_csv(run: Run, gateway: FakeGateway) -> None:
    answer(gateway, RECORD)
    (row,) = rows(run("feedback", "export", "--format", "csv").stdout)
    assert row == {**RECORD, "model_digest": "", "confidence": "0.9", "has_note": "true"}


def test_no_cell_is_a_formula_and_nothing_moves_the_cursor(run: Run, gateway: FakeGateway) -> None:
    answer(gateway, NOTED, HOSTILE, asked="?notes=true")
    result = run("feedback", "export", "--format", "csv", "--notes")
    first, second = rows(result.stdout)
    assert first["note"] == "'" + NOTED["note"]
    assert (second["note"], second["request_id"]) == ("[2J=1+1", "'-1+1")
    for form in ("csv", "jsonl"):
        output = run("feedback", "export", "--format", form, "--notes").stdout
        assert not {"\x1b", "\u202e"} & set(output)


def test_what_a_terminal_would_obey_does_not_hide_a_formula(run: Run, gateway: FakeGateway) -> None:
    answer(gateway, {**RECORD, "note": "\x1b=1+1"}, asked="?notes=true")
    (row,) = rows(run("feedback", "export", "--format", "csv", "--notes").stdout)
    assert row["note"] == "'=1+1"


def test_nothing_yet(run: Run, gateway: FakeGateway) -> None:
    answer(gateway)
    assert run("feedback", "export").stdout == ""
    assert rows(run("feedback", "export", "--format", "csv").stdout) == []


def test_a_refusal_is_one_line(run: Run, gateway: FakeGateway) -> None:
    gateway.set("GET", "/api/feedback", problem(403, "FORBIDDEN", "This is for the role admin; yours is clinician."))
    result = run("feedback", "export")
    assert (result.exit_code, result.stderr) == (1, "✗ FORBIDDEN: This is for the role admin; yours is clinician.\n")


@pytest.mark.parametrize("body", [b"<html>", b"[1]\n", b'{"a": 1}\n{"a"', b"\xff\n", b"[" * 100_000])
def test_another_server_is_told_from_a_gateway(run: Run, gateway: FakeGateway, body: bytes) -> None:
    gateway.set("GET", "/api/feedback", Answer(200, body))
    result = run("feedback", "export")
    assert result.exit_code == 1
    assert "not as a DoctorAI gateway" in result.stderr
    assert result.stdout == ""


def test_a_token_that_has_ended_is_renewed(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    def once(asked: Any) -> Answer:
        good = asked.bearer == "access-2"
        return Answer(200, json.dumps(RECORD).encode()) if good else problem(401, "UNAUTHORIZED", "No.")

    gateway.set("GET", "/api/feedback", once)
    assert json.loads(run("feedback", "export").stdout) == RECORD
    assert stored.refresh_token() == "refresh-2"
