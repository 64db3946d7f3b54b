"""Writes into the audit log what each request did, whatever came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from gateway.audit import AuditLog
from gateway.auth.caller import Caller
from gateway.gate import address_of
from shared.audit.event import AuditEvent
from shared.contract import Prediction
from shared.errors import DoctorAIError
from shared.http.context import request_id
from shared.http.disconnect import ClientDisconnected
from shared.logs import get_logger
from shared.tracing.trace import note_model

_log = get_logger(__name__)


class Entry:
    """What is known of a request so far; the fields of an AuditEvent."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def note(self, **fields: Any) -> None:
        self.fields.update(fields)

    def note_caller(self, caller: Caller) -> None:
        self.note(subject=caller.id, role=caller.role, method=caller.method, key_id=caller.key_id)

    def note_prediction(self, prediction: Prediction) -> None:
        self.note(
            model_version=prediction.model_version,
            decision=prediction.decision,
            result=prediction.result,
            confidence=prediction.confidence,
            cached=prediction.cached,
        )


class Trail:
    """Opens an entry for a request, and closes it with its outcome."""

    def __init__(self, log: AuditLog) -> None:
        self.log = log

    @contextmanager
    def entry(self, request: Request, action: str, **fields: Any) -> Iterator[Entry]:
        """One line, written when the block ends: "ok", the code of the error, or that the caller had gone."""
        note_model(fields.get("model", ""))
        entry = Entry(client=address_of(request.scope), request_id=request_id(), **fields)
        caller = getattr(request.state, "caller", None)
        if caller:
            entry.note_caller(caller)
        outcome = "CLIENT_GONE"
        try:
            yield entry
            outcome = "ok"
        except ClientDisconnected:
            raise
        except DoctorAIError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = "INTERNAL_ERROR"
            raise
        finally:
            self._record(action, outcome, entry.fields)

    def _record(self, action: str, outcome: str, fields: dict[str, Any]) -> None:
        try:
            event = AuditEvent.model_validate({"action": action, "outcome": outcome, **fields})
        except ValidationError as error:  # something that does not belong there: left out, the line is not
            wrong = {str(one["loc"][0]) for one in error.errors(include_input=False)}
            _log.error("audit_fields_left_out", fields=sorted(wrong))
            kept = {name: value for name, value in fields.items() if name not in wrong}
            event = AuditEvent.model_validate({"action": action, "outcome": outcome, **kept})
        self.log.record(event)
