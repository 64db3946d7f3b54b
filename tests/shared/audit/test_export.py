"""The forms that the log is exported in, FHIR's checked against its own model."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from fhir.resources.R4B.auditevent import AuditEvent as FhirAuditEvent
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.chain import START, Line, parse, seal
from shared.audit.event import Action, AuditEvent
from shared.audit.export import WRITERS, Format
from shared.audit.fhir import to_fhir
from shared.audit.read import entries
from tests.shared.audit.helpers import KEYS, NOON, FakeClock, event, open_store, write, write_log

FULL: dict[str, Any] = {
    "subject": "u-1",
    "role": "clinician",
    "method": "api_key",
    "key_id": "k-1",
    "client": "192.0.2.7",
    "model_version": "1.0.0",
    "decision": "predicted",
    "result": "pneumonia",
    "cached": False,
    "input": "ab" * 32,
}


def line_of(said: AuditEvent) -> Line:
    kid, key = next(iter(KEYS.items()))
    return parse(seal(said, START, kid, key)[0])


def exported(folder: Path, form: Format) -> str:
    out = io.StringIO()
    WRITERS[form](entries(folder), out)
    return out.getvalue()


def test_a_prediction_in_fhir() -> None:
    line = line_of(event(FakeClock(), 1, **FULL))
    found = to_fhir(line)
    assert FhirAuditEvent.model_validate(found)
    assert (found["id"], found["recorded"]) == (line.hash, "2026-03-01T12:00:00Z")
    assert (found["type"]["code"], found["subtype"][0]["code"], found["action"]) == ("rest", "operation", "E")
    assert found["outcome"] == "0"
    assert found["agent"] == [
        {
            "who": {"identifier": {"system": "urn:doctorai:account", "value": "u-1"}},
            "altId": "k-1",
            "requestor": True,
            "role": [{"text": "clinician"}],
            "network": {"address": "192.0.2.7", "type": "2"},
        }
    ]
    [entity] = found["entity"]
    assert entity["what"]["identifier"] == {"system": "urn:doctorai:model", "value": "xray"}
    assert {detail["type"]: detail["valueString"] for detail in entity["detail"]} == {
        "model": "xray",
        "model_version": "1.0.0",
        "decision": "predicted",
        "result": "pneumonia",
        "confidence": "0.5",
        "cached": "false",
        "input": "ab" * 32,
        "request_id": "r1",
        "method": "api_key",
    }


@pytest.mark.parametrize("action", get_args(Action))
def test_every_action_is_valid_fhir(action: str) -> None:
    about_the_log = action in ("start", "stop", "retention", "recovered")
    more = {"detail": {"version": "1"}} if about_the_log else {"target": "u-2"}
    found = to_fhir(line_of(AuditEvent.model_validate({"action": action, "outcome": "ok", **more})))
    assert FhirAuditEvent.model_validate(found)
    assert found["agent"][0]["requestor"] is not about_the_log


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("ok", "0"),
        ("RATE_LIMITED", "4"),
        ("UNAUTHORIZED", "4"),
        ("OVERLOADED", "8"),
        ("INTERNAL_ERROR", "8"),
        ("NEW_ONE", "8"),
    ],
)
def test_outcomes(outcome: str, code: str) -> None:
    found = to_fhir(line_of(AuditEvent(action="sign_in", outcome=outcome)))
    assert found["outcome"] == code
    assert found.get("outcomeDesc") == (None if code == "0" else outcome)


@given(st.text(max_size=50), st.text(max_size=50))
def test_whatever_a_caller_sends_is_valid_fhir(first: str, second: str) -> None:
    texts = {"subject": first, "client": second, "model": first, "request_id": second, "role": second, "target": first}
    assert FhirAuditEvent.model_validate(to_fhir(line_of(event(FakeClock(), **texts))))


def test_ndjson(tmp_path: Path) -> None:
    write_log(tmp_path)
    found = [json.loads(row) for row in exported(tmp_path, "fhir").splitlines()]
    assert len(found) == 8
    assert {row["resourceType"] for row in found} == {"AuditEvent"}


def test_jsonl_is_the_lines_themselves(tmp_path: Path) -> None:
    write_log(tmp_path)
    whole = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("*.jsonl")))
    assert exported(tmp_path, "jsonl").encode() == whole


def test_csv(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    store.write([event(clock, 1, **FULL), event(clock, client='=cmd|"x"', result="a,b\nc"), start(clock)])
    store.close()
    rows = list(csv.DictReader(io.StringIO(exported(tmp_path, "csv"), newline="")))
    assert [row["seq"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["time"] == "2026-03-01T12:00:00Z"
    assert (rows[0]["cached"], rows[0]["confidence"], rows[1]["subject"]) == ("false", "0.5", "")
    assert rows[1]["client"] == '\'=cmd|"x"', "a spreadsheet must not run what a caller sent"
    assert rows[1]["result"] == "a,b\nc"
    assert json.loads(rows[2]["detail"]) == {"version": "1"}


def start(clock: FakeClock) -> AuditEvent:
    return AuditEvent(time=clock(), action="start", outcome="ok", detail={"version": "1"})


def test_slots_are_merged_by_time(tmp_path: Path) -> None:
    clock = FakeClock()
    stores = [open_store(tmp_path, clock), open_store(tmp_path, clock)]
    for turn in range(6):
        write(stores[turn % 2], clock, 1)
        clock.forward(hours=5)
    for store in stores:
        store.close()
    assert [entry.slot for entry in entries(tmp_path)] == [1, 2, 1, 2, 1, 2]
    times = [entry.time for entry in entries(tmp_path, NOON + timedelta(hours=5), NOON + timedelta(hours=15))]
    assert times == [NOON + timedelta(hours=5), NOON + timedelta(hours=10)]
