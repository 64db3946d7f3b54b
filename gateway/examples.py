"""What the gateway's document shows of requests and answers, beyond what it shares with the services'."""

from __future__ import annotations

import json
from typing import Any

from shared.disclaimer import DISCLAIMER
from shared.http.document import DEADLINE_PARAMETER, EXAMPLE_ID, EXAMPLE_TIME, Responses, refusals
from shared.http.examples import (
    CHAT,
    CHAT_RESPONSES,
    INFER_BODY,
    INFER_RESPONSES,
    PREDICT_BODY,
    PREDICT_RESPONSES,
    event_schema,
)
from shared.version import VERSION

_ID, _KEY_ID = "a3f0c1b7d2e94c3b8d6f7a1e2c3b4d5e", "6d5e0c1b7d2e94c3b8d6f7a1e2c3b4a3"
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "the same key with the same request gets the same answer, for a day",
    "schema": {"type": "string", "pattern": "^[!-~]{8,255}$"},
}
_REPLAYED = {"Idempotency-Replayed": {"description": "an earlier answer", "schema": {"const": "true"}}}
_CACHE_CONTROL = {
    "name": "Cache-Control",
    "in": "header",
    "required": False,
    "description": "`no-cache`: a new inference; `no-store`: nothing is kept",
    "schema": {"type": "string"},
}


def _with(documented: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {**documented, "parameters": [*documented.get("parameters", ()), *parameters]}


def _replayed(responses: Responses) -> Responses:
    answer = responses.get(200, {})
    return {**responses, 200: {**answer, "headers": answer.get("headers", {}) | _REPLAYED}, **refusals(409)}


PREDICT: dict[str, Any] = {
    "openapi_extra": _with(PREDICT_BODY, _CACHE_CONTROL, _IDEMPOTENCY),
    "responses": _replayed(PREDICT_RESPONSES),
}
CHATBOT: dict[str, Any] = {
    "openapi_extra": {"parameters": [DEADLINE_PARAMETER, _IDEMPOTENCY]},
    "responses": {**_replayed(CHAT_RESPONSES), **refusals(404)},
}
INFER: dict[str, Any] = {"openapi_extra": INFER_BODY, "responses": INFER_RESPONSES}

_MESSAGE = {"role": "assistant", "content": f"{CHAT['response']}\n\nSources: NHS: Migraine\n\n…", "refusal": None}
_COMPLETION = {
    "id": "chatcmpl-0d3c2a5b9f1e4c7d8a6b5c4d3e2f1a0b",
    "object": "chat.completion",
    "created": 1795521600,
    "model": "chatbot",
    "choices": [{"index": 0, "message": _MESSAGE, "finish_reason": "stop", "logprobs": None}],
    "doctorai": CHAT,
}
COMPLETIONS: dict[str, Any] = {
    "openapi_extra": {"parameters": [DEADLINE_PARAMETER]},
    "responses": {
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": _COMPLETION},
                "text/event-stream": {
                    "itemSchema": event_schema(),
                    "example": 'data: {"object": "chat.completion.chunk", …}\n\ndata: [DONE]\n\n',
                },
            }
        },
        **refusals(404, 504),
    },
}

_PREDICTION = {
    "request_id": EXAMPLE_ID,
    "model": "tumor",
    "model_version": "1.0.0",
    "model_digest": "5e1f0d3a9c7b2e4f6a8d1c3b5e7f9a0b2d4c6e8f0a1b3c5d7e9f1a2b4c6d8e0f",
    "instance": "tumor-1a2b3c4d",
    "result": "glioma",
    "confidence": 0.92,
    "probabilities": {"glioma": 0.92, "meningioma": 0.05, "no_tumor": 0.02, "pituitary": 0.01},
    "prediction_set": ["glioma"],
    "coverage": 0.9,
    "decision": "predicted",
    "abstain_reason": None,
    "uncertainty": 0.08,
    "calibrated": True,
    "ood_score": None,
    "description": "The model sees a pattern that it learnt from pictures of glioma.",
    "recommendation": "Show the scan to a neurologist or a neurosurgeon.",
    "disclaimer": DISCLAIMER,
    "explanation": None,
    "timing_ms": {"queue": 0.4, "decode": 2.1, "inference": 6.3, "total": 9.2},
    "cached": False,
    "timestamp": EXAMPLE_TIME,
}
_PLOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 360">…</svg>'
PLOT: Responses = {200: {"content": {"image/svg+xml": {"schema": {"type": "string"}, "example": _PLOT}}}}
_CARD = {
    "ready": True,
    "model": "tumor",
    "service": "tumor",
    "title": "Brain tumours in MRI",
    "version": "1.0.0",
    "accepts": "one slice of a brain MRI",
    "limits": ["Not for children."],
    "plots": [{"name": "confusion", "title": "Confusion matrix"}],
    "metrics": {"test": {"accuracy": {"value": 0.95, "low": 0.93, "high": 0.97}}},
}
_SUGGESTIONS = {
    "request_id": EXAMPLE_ID,
    "suggestions": [
        {"model": "tumor", "ood_score": 0.02, "plausible": True},
        {"model": "xray", "ood_score": 0.97, "plausible": False},
    ],
    "unavailable": ["monkeypox"],
    "timestamp": EXAMPLE_TIME,
}
_VERSIONS = {
    "model": "tumor",
    "service": "tumor",
    "active": "1.1.0",
    "previous": "1.0.0",
    "canary": {"version": "1.2.0", "share": 0.1},
    "shadow": None,
    "pinned": None,
    "writable": True,
    "why_not": None,
    "versions": [
        {"version": "1.2.0", "created": EXAMPLE_TIME, "whole": True, "problem": None},
        {"version": "1.1.0", "created": EXAMPLE_TIME, "whole": True, "problem": None},
        {"version": "1.0.0", "created": None, "whole": False, "problem": "gate.npz cannot be read: No such file"},
    ],
    "instances": [{"id": "tumor-1a2b3c4d", "version": "1.1.0", "notice": None}],
}
_INSTANCE = {
    "id": "tumor-1a2b3c4d",
    "service": "tumor",
    "model": "tumor",
    "address": "http://tumor:8080",
    "version": "1.0.0",
    "digest": None,
    "ready": True,
    "reason": None,
    "notice": "version 1.2.0 is not served: model.tflite does not match its checksum",
    "beside": {"canary": "1.1.0"},
    "in_flight": 0,
    "rss_bytes": 123_000_000,
    "last_seen": EXAMPLE_TIME,
}
_HEALTH = {
    "status": "degraded",
    "timestamp": EXAMPLE_TIME,
    "version": VERSION,
    "uptime": 3600.0,
    "models": {"tumor": True, "xray": False},
    "dependencies": {"redis": {"status": "up", "latency_ms": 0.4, "reason": None}},
    "system": {"cpu_percent": 12.0, "memory_percent": 41.0, "disk_percent": 30.0, "load": [0.5, 0.4, 0.3]},
    "services": {
        "tumor": {"model": "tumor", "ready": True, "reason": None, "instances": [_INSTANCE]},
        "xray": {"model": "xray", "ready": False, "reason": "no instance has announced itself", "instances": []},
    },
    "summary": "1/2 models available",
    "disclaimer": "For education and research only.",
}
_TOKENS = {
    "access_token": "eyJhbGciOiJIUzI1NiIs…",
    "refresh_token": "dar_…",
    "token_type": "bearer",
    "expires_in": 1800,
}
_USER = {
    "id": _ID,
    "username": "dr.amal",
    "role": "clinician",
    "disabled": False,
    "created": EXAMPLE_TIME,
    "last_sign_in": None,
}
_KEY = {
    "id": _KEY_ID,
    "name": "the archive of pictures",
    "role": "clinician",
    "models": ["tumor", "xray"],
    "owner": _ID,
    "created": EXAMPLE_TIME,
    "expires": None,
    "last_used": None,
}
_FEEDBACK = {
    "time": EXAMPLE_TIME,
    "user": _ID,
    "request_id": EXAMPLE_ID,
    "model": "tumor",
    "model_version": "1.0.0",
    "model_digest": _PREDICTION["model_digest"],
    "result": "glioma",
    "decision": "predicted",
    "confidence": 0.92,
    "predicted": EXAMPLE_TIME,
    "verdict": "disagree",
    "label": "meningioma",
    "has_note": True,
}
FEEDBACK_LINES: Responses = {
    200: {
        "content": {
            "application/x-ndjson": {
                "itemSchema": {"$ref": "#/components/schemas/Feedback"},
                "example": json.dumps(_FEEDBACK) + "\n",
            }
        }
    }
}
_AUDIT_ENTRY = {
    "slot": 1,
    "seq": 4711,
    "hash": "9f2b0c6a1d7e48b35c9a0e6f4d1b8a72c3e5f7091a2b4c6d8e0f1a3b5c7d9e0f",
    "problem": None,
    "time": EXAMPLE_TIME,
    "action": "predict",
    "outcome": "ok",
    "subject": _ID,
    "role": "clinician",
    "method": "token",
    "key_id": None,
    "client": "10.0.0.7",
    "request_id": EXAMPLE_ID,
    "model": "tumor",
    "model_version": "1.0.0",
    "decision": "predicted",
    "result": "glioma",
    "confidence": 0.92,
    "cached": False,
    "input": "b1946ac92492d2347c6235b4d2611184",
    "target": None,
    "detail": None,
}
_AUDIT_CHECKED = {
    "intact": False,
    "checked_at": EXAMPLE_TIME,
    "lines": 104_711,
    "slots": 2,
    "problems": [
        {"file": "audit-1-2026-11-23.jsonl", "line": 812, "what": "was changed after it was written"},
    ],
    "more": 0,
    "running": False,
    "reason": None,
}
_ALERTS = {
    "configured": True,
    "reachable": True,
    "alerts": [
        {
            "name": "ModelUnavailable",
            "severity": "critical",
            "summary": "tumor cannot be asked",
            "description": "No instance of tumor is ready.",
            "model": "tumor",
            "since": EXAMPLE_TIME,
            "silenced": False,
            "runbook": "https://grafana.clinic.example/public/runbooks/ModelUnavailable.md",
            "dashboard": "https://grafana.clinic.example/d/doctorai-model?var-model=tumor",
        }
    ],
}
_ACTIVITY = {
    "step_s": 60,
    "models": {"tumor": [{"at": EXAMPLE_TIME, "requests": 42, "errors": 0, "p50_ms": 61.5, "p95_ms": 140.0}]},
}
_METADATA = {
    "name": "tumor",
    "versions": ["1.0.0"],
    "platform": "doctorai_litert",
    "inputs": [{"name": "image", "datatype": "BYTES", "shape": [-1]}],
    "outputs": [
        {"name": "label", "datatype": "BYTES", "shape": [-1]},
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 4]},
    ],
    "parameters": {"labels": "glioma,meningioma,no_tumor,pituitary"},
}
_OPENAI_MODEL = {"id": "chatbot", "object": "model", "created": 1795521600, "owned_by": "doctorai"}
_A_MODEL, _A_VERSION = "/v2/models/{model}", "/v2/models/{model}/versions/{version}"
_READY = {"name": "tumor", "ready": True}

ANSWERS: dict[str, Any] = {
    "GET /livez": {"status": "live"},
    "GET /readyz": {"ready": True},
    "GET /api/models": {"models": [_CARD, {"model": "xray", "service": "xray", "ready": False, "reason": "…"}]},
    "GET /api/models/{model}": _CARD,
    "GET /v2": {"name": "doctorai", "version": VERSION, "extensions": ["binary_tensor_data"]},
    "GET /v2/health/live": {"live": True},
    "GET /v2/health/ready": {"ready": True},
    "POST /v2/repository/index": [{"name": "tumor", "version": "1.0.0", "state": "READY", "reason": ""}],
    f"GET {_A_MODEL}": _METADATA,
    f"GET {_A_VERSION}": _METADATA,
    f"GET {_A_MODEL}/ready": _READY,
    f"GET {_A_VERSION}/ready": _READY,
    "GET /v1/models": {"object": "list", "data": [_OPENAI_MODEL]},
    "GET /v1/models/{model}": _OPENAI_MODEL,
}
"""Of operations whose answer has no schema of its own."""

SCHEMAS: dict[str, Any] = {
    "Health": _HEALTH,
    "TokenPair": _TOKENS,
    "PageToken": {name: value for name, value in _TOKENS.items() if name != "refresh_token"},
    "PageSettings": {
        "version": VERSION,
        "emergency_number": "112",
        "max_image_size": 10_485_760,
        "supported_formats": ["jpg", "png"],
        "grafana_url": "https://grafana.clinic.example",
        "alertmanager_url": "https://alerts.clinic.example",
        "runbooks_url": "https://grafana.clinic.example/public/runbooks",
    },
    "Me": {"id": _ID, "username": "dr.amal", "role": "clinician", "method": "token", "models": None},
    "User": _USER,
    "Users": {"users": [_USER]},
    "Keys": {"keys": [_KEY]},
    "MadeKey": {**_KEY, "key": "dai_…"},
    "Prediction": _PREDICTION,
    "Feedback": _FEEDBACK,
    "Suggestions": _SUGGESTIONS,
    "ModelVersions": _VERSIONS,
    "AuditPage": {"entries": [_AUDIT_ENTRY], "next": "1-20261124-2685270"},
    "AuditChecked": _AUDIT_CHECKED,
    "Alerts": _ALERTS,
    "Activity": _ACTIVITY,
}
"""Of the answers that have one."""

_MIGRAINE = "What are the symptoms of migraine?"
_A_PASSWORD = "a long sentence that only she knows"  # noqa: S105 - an example
REQUESTS: dict[str, Any] = {
    "POST /api/models/{model}/activate": {"version": "1.1.0"},
    "POST /api/token": {"grant_type": "password", "username": "dr.amal", "password": _A_PASSWORD},
    "POST /api/session": {"grant_type": "password", "username": "dr.amal", "password": _A_PASSWORD},
    "POST /api/token/refresh": {"grant_type": "refresh_token", "refresh_token": "dar_…"},
    "PUT /api/me/password": {"current": _A_PASSWORD, "new": f"{_A_PASSWORD} now"},
    "POST /api/users": {"username": "dr.amal", "role": "clinician", "password": _A_PASSWORD},
    "PATCH /api/users/{identifier}": {"disabled": True},
    "POST /api/keys": {"name": _KEY["name"], "role": "clinician", "models": ["tumor", "xray"], "expires_in_days": 365},
    "POST /api/chatbot": {"message": _MIGRAINE},
    "POST /v1/chat/completions": {"model": "chatbot", "messages": [{"role": "user", "content": _MIGRAINE}]},
    "POST /v2/repository/index": {"ready": True},
    "POST /api/predictions/{request_id}/feedback": {
        "verdict": "disagree",
        "label": "meningioma",
        "note": "Histology says so.",
    },
}
