"""Each line as an AuditEvent of HL7 FHIR R4, for the systems of a hospital that gather them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.audit.chain import Line
from shared.errors import error_of

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_TERMS = "http://terminology.hl7.org/CodeSystem"
_GATEWAY = "DoctorAI gateway"

Coding = dict[str, str]


def _coding(system: str, code: str, display: str) -> Coding:
    return {"system": system, "code": code, "display": display}


_REST = _coding(f"{_TERMS}/audit-event-type", "rest", "RESTful Operation")
_SIGN_IN = _coding(_DICOM, "110114", "User Authentication")
_ALERT = _coding(_DICOM, "110113", "Security Alert")
_APPLICATION = _coding(_DICOM, "110100", "Application Activity")
_LOG_USED = _coding(_DICOM, "110101", "Audit Log Used")
_OPERATION = _coding("http://hl7.org/fhir/restful-interaction", "operation", "operation")
_CREATE = _coding("http://hl7.org/fhir/restful-interaction", "create", "create")
_DELETE = _coding("http://hl7.org/fhir/restful-interaction", "delete", "delete")
_EXPORT = _coding(_DICOM, "110106", "Export")
_LOGIN = _coding(_DICOM, "110122", "Login")
_CONFIGURED = _coding(_DICOM, "110131", "Software Configuration")
_ACCOUNT_CHANGED = _coding(_DICOM, "110137", "User security Attributes Changed")

_CODES: dict[str, tuple[Coding, Coding | None, str]] = {
    "predict": (_REST, _OPERATION, "E"),
    "infer": (_REST, _OPERATION, "E"),
    "chat": (_REST, _OPERATION, "E"),
    "suggest": (_REST, _OPERATION, "E"),
    "chat_forget": (_REST, _DELETE, "D"),
    "feedback": (_REST, _CREATE, "C"),
    "feedback_export": (_EXPORT, None, "R"),
    "sign_in": (_SIGN_IN, _LOGIN, "E"),
    "refresh": (_SIGN_IN, _LOGIN, "E"),
    "sign_out": (_SIGN_IN, _coding(_DICOM, "110123", "Logout"), "E"),
    "user_create": (_ALERT, _ACCOUNT_CHANGED, "C"),
    "user_update": (_ALERT, _ACCOUNT_CHANGED, "U"),
    "user_delete": (_ALERT, _ACCOUNT_CHANGED, "D"),
    "key_create": (_ALERT, _ACCOUNT_CHANGED, "C"),
    "key_revoke": (_ALERT, _ACCOUNT_CHANGED, "D"),
    "model_activate": (_ALERT, _CONFIGURED, "U"),
    "model_rollback": (_ALERT, _CONFIGURED, "U"),
    "audit_read": (_LOG_USED, None, "R"),
    "audit_check": (_LOG_USED, None, "E"),
    "access": (_ALERT, _coding(_DICOM, "110132", "Use of Restricted Function"), "E"),
    "start": (_APPLICATION, _coding(_DICOM, "110120", "Application Start"), "E"),
    "stop": (_APPLICATION, _coding(_DICOM, "110121", "Application Stop"), "E"),
    "retention": (_LOG_USED, None, "D"),
    "recovered": (_ALERT, _coding(_DICOM, "110134", "Audit Recording Started"), "E"),
}
"""Action → type, subtype, and what was done: create, update, delete, execute."""
_DETAILS = ("model", "model_version", "decision", "result", "confidence", "cached", "input", "request_id", "method")


def to_fhir(line: Line) -> dict[str, Any]:
    """The AuditEvent that says what ``line`` says; its id is the line's hash."""
    event = _cleaned(line.event)
    kind, subtype, done = _CODES[event["action"]]
    outcome = _outcome(event["outcome"])
    return _filled(
        resourceType="AuditEvent",
        id=line.hash,
        type=kind,
        subtype=[subtype] if subtype else None,
        action=done,
        recorded=event["time"],
        outcome=outcome,
        outcomeDesc=event["outcome"] if outcome != "0" else None,
        agent=[_agent(event)],
        source=_source(),
        entity=list(_entities(event)),
    )


def _outcome(said: str) -> str:
    """Success, minor failure (the caller's), serious failure (ours)."""
    if said == "ok":
        return "0"
    error = error_of(said, "")
    return "4" if error and error.status < 500 else "8"


def _agent(event: dict[str, Any]) -> dict[str, Any]:
    if event["action"] in ("start", "stop", "retention", "recovered"):
        return {"who": {"display": _GATEWAY}, "requestor": False}
    subject, client, role = event.get("subject"), event.get("client"), event.get("role")
    return _filled(
        who=_identified("account", subject) if subject else None,
        altId=event.get("key_id"),
        requestor=True,
        role=[{"text": role}] if role else None,
        network={"address": client, "type": "2"} if client else None,
    )


def _source() -> dict[str, Any]:
    kind = _coding(f"{_TERMS}/security-source-type", "4", "Application Server")
    return {"observer": {"display": _GATEWAY}, "type": [kind]}


def _entities(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    said = {name: event[name] for name in _DETAILS if name in event} | event.get("detail", {})
    details = [{"type": name, "valueString": _text(value)} for name, value in said.items()]
    if details:
        kind = _coding(f"{_TERMS}/audit-entity-type", "2", "System Object")
        model = event.get("model")
        yield _filled(what=_identified("model", model) if model else None, type=kind, detail=details)
    if target := event.get("target"):
        yield {"what": _identified("target", target)}


def _identified(kind: str, value: str) -> dict[str, Any]:
    return {"identifier": {"system": f"urn:doctorai:{kind}", "value": value}}


def _cleaned(said: dict[str, Any]) -> dict[str, Any]:
    """Without the characters that FHIR has no place for, which only a caller can have sent, and without blanks."""
    found = ((_printable(name), _printable(value)) for name, value in said.items())
    return {name: value for name, value in found if name and value not in ("", {})}


def _printable(value: Any) -> Any:
    if isinstance(value, dict):
        return _cleaned(value)
    if not isinstance(value, str):
        return value
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(**fields: Any) -> dict[str, Any]:
    """FHIR has neither null nor empty values."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
