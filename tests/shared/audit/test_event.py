"""What gets into the log, and that nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from shared.audit.event import LONGEST, AuditEvent

CANARY = "canary: chest pain since Monday, Jane Doe"
BASE: dict[str, Any] = {"action": "predict", "outcome": "ok"}


def test_only_action_and_outcome_are_wanted() -> None:
    event = AuditEvent(action="predict", outcome="ok")
    assert event.model_dump(exclude_none=True).keys() == {"time", "action", "outcome"}
    assert datetime.now(UTC) - event.time < timedelta(minutes=1)


@pytest.mark.parametrize("field", ["message", "text", "image", "name", "username", "content", "password", "response"])
def test_there_is_no_field_for_content(field: str) -> None:
    with pytest.raises(ValidationError, match="extra"):
        AuditEvent.model_validate({**BASE, field: CANARY})


def test_a_text_cannot_pass_for_a_digest() -> None:
    with pytest.raises(ValidationError):
        AuditEvent.model_validate({**BASE, "input": CANARY})
    assert AuditEvent.model_validate({**BASE, "input": "ab" * 32}).input == "ab" * 32


@pytest.mark.parametrize("outcome", ["", "because of this", "OK ", "ok\n", "INVALID: Jane"])
def test_an_outcome_is_a_code(outcome: str) -> None:
    with pytest.raises(ValidationError):
        AuditEvent.model_validate({**BASE, "outcome": outcome})


TEXTS = [name for name, field in AuditEvent.model_fields.items() if name not in ("time", "confidence", "cached")]


@pytest.mark.parametrize("field", TEXTS)
def test_nothing_large_gets_in(field: str) -> None:
    large: Any = "A" * (LONGEST + 1)
    with pytest.raises(ValidationError):
        AuditEvent.model_validate({**BASE, field: large})
    with pytest.raises(ValidationError):
        AuditEvent.model_validate({"action": "start", "outcome": "ok", "detail": {"version": large}})
    with pytest.raises(ValidationError):
        AuditEvent.model_validate({"action": "start", "outcome": "ok", "detail": {str(n): "x" for n in range(17)}})


def test_a_request_has_no_free_detail() -> None:
    with pytest.raises(ValidationError, match="detail: only for"):
        AuditEvent.model_validate({**BASE, "detail": {"message": CANARY}})
    assert AuditEvent(action="start", outcome="ok", detail={"version": "1.0.0"}).detail == {"version": "1.0.0"}


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf")])
def test_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ValidationError):
        AuditEvent(action="predict", outcome="ok", confidence=confidence)


def test_times_are_utc() -> None:
    there = datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert '"2026-02-28T23:00:00Z"' in AuditEvent(action="stop", outcome="ok", time=there).model_dump_json()
    with pytest.raises(ValidationError):
        AuditEvent(action="stop", outcome="ok", time=datetime(2026, 3, 1))


def test_an_event_does_not_change() -> None:
    event = AuditEvent(action="predict", outcome="ok")
    with pytest.raises(ValidationError):
        event.outcome = "TIMEOUT"
