"""Writes into the audit log what each request did, whatever came of it, and counts those that ask a model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from gateway.audit import AuditLog
from gateway.auth.caller import Caller
from gateway.gate import address_of
from gateway.metrics import FAULTS
from gateway.model_requests import ModelRequests
from gateway.outcome import outcome
from shared.audit.event import OK, AuditEvent
from shared.contract import Prediction
from shared.http.context import request_id
from shared.logs import get_logger
from shared.tracing.trace import note_model

_log = get_logger(__name__)
_OF_A_MODEL = ("predict", "infer", "chat")
"""Actions that ask a model for an answer."""


class Entry:
    """What is known of a request so far; the fields of an AuditEvent."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        self.abstentions: Sequence[str] = ()
        """Why a model gave no label, for each input that got none."""
        self._began = time.perf_counter()

    def begin(self) -> None:
        """The request has been read: what was before was the caller's connection, from here on we are timed."""
        self._began = time.perf_counter()

    def seconds(self) -> float:
        """Since ``begin``; since the entry was opened without it."""
        return time.perf_counter() - self._began

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
        self.abstentions = [prediction.abstain_reason] if prediction.abstain_reason else []


class Trail:
    """Opens an entry for a request, and closes it with its outcome."""

    def __init__(self, log: AuditLog, requests: ModelRequests) -> None:
        self.log = log
        self._requests = requests

    @contextmanager
    def entry(self, request: Request, action: str, **fields: Any) -> Iterator[Entry]:
        """One line, written when the block ends: "ok", the code of the error, or that the caller had gone."""
        note_model(fields.get("model", ""))
        entry = Entry(client=address_of(request.scope), request_id=request_id(), **fields)
        caller = getattr(request.state, "caller", None)
        if caller:
            entry.note_caller(caller)
        with outcome(partial(self._close, action, entry)):
            yield entry

    def _close(self, action: str, entry: Entry, word: str) -> None:
        self._record(action, word, entry.fields)
        if action in _OF_A_MODEL:
            self._count(entry, word)

    def _count(self, entry: Entry, word: str) -> None:
        fields = entry.fields
        if word == OK:
            decision = str(fields.get("decision"))
            self._requests.count(
                fields["model"], fields.get("model_version"), decision, entry.seconds(), entry.abstentions
            )
        else:  # how soon a caller was refused, or left, says nothing of how fast we are
            fault = word.lower()
            self._requests.count(fields["model"], None, fault, entry.seconds() if fault in FAULTS else None)

    def _record(self, action: str, word: str, fields: dict[str, Any]) -> None:
        try:
            event = AuditEvent.model_validate({"action": action, "outcome": word, **fields})
        except ValidationError as error:  # something that does not belong there: left out, the line is not
            wrong = {str(one["loc"][0]) for one in error.errors(include_input=False)}
            _log.error("audit_fields_left_out", fields=sorted(wrong))
            kept = {name: value for name, value in fields.items() if name not in wrong}
            event = AuditEvent.model_validate({"action": action, "outcome": word, **kept})
        self.log.record(event)
