"""Examples for the generated documentation."""

from __future__ import annotations

from typing import Any

_PREDICTION = {
    "request_id": "0d3c2a5b9f1e4c7d8a6b5c4d3e2f1a0b",
    "model": "tumor",
    "model_version": "1.0.0",
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
    "disclaimer": "For education and research only. Not a medical device and not a diagnosis.",
    "explanation": None,
    "timing_ms": {"queue": 0.4, "decode": 2.1, "inference": 6.3, "total": 9.2},
    "cached": False,
    "timestamp": "2026-11-24T12:00:00Z",
}

PREDICT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": "JPEG or PNG"}},
                }
            },
            "application/json": {
                "schema": {"type": "array", "items": {"type": "number"}, "minItems": 5, "maxItems": 5},
                "example": [0.62, 0.45, 0.38, 0.41, 0.63],
            },
        },
    }
}

_ERRORS = {
    400: ("INVALID_IMAGE", "Not a readable image", "The file is not an image: found text; send JPEG or PNG."),
    401: ("UNAUTHORIZED", "Sign-in required", "Only callers on the same machine are answered."),
    404: ("UNKNOWN_MODEL", "Unknown model", "No model 'heart'; there are: chatbot, lung_colon, …"),
    413: ("PAYLOAD_TOO_LARGE", "Payload too large", "The file has 12,000,000 bytes; the limit is 10,485,760."),
    415: ("UNSUPPORTED_FORMAT", "Unsupported format", "The file is WebP; send JPEG or PNG."),
    422: ("VALIDATION_ERROR", "Invalid request", "body.file: the form has no field 'file'; send the image in it."),
    503: ("MODEL_UNAVAILABLE", "Model unavailable", "tumor is not available: no instance has announced itself."),
    504: ("TIMEOUT", "Deadline exceeded", "No answer within the deadline of 30000 ms."),
}


def _error(status: int) -> dict[str, Any]:
    code, title, detail = _ERRORS[status]
    example = {
        "type": f"urn:doctorai:error:{code.lower().replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": _PREDICTION["request_id"],
        "timestamp": _PREDICTION["timestamp"],
    }
    return {"description": title, "content": {"application/problem+json": {"example": example}}}


PREDICT_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": _PREDICTION}}},
    **{status: _error(status) for status in _ERRORS},
}

_CHAT = {
    "request_id": _PREDICTION["request_id"],
    "session_id": "5f0c1b7d2e9a4c3b8d6f7a1e2c3b4d5e",
    "response": "Migraine\n\nSymptoms: Throbbing headache that gets worse with movement …",
    "language": "en",
    "kind": "answer",
    "confidence": 0.97,
    "red_flag": False,
    "urgency": "routine",
    "sources": [{"title": "Migraine", "topic": "migraine", "reference": "NHS: Migraine"}],
    "generated": False,
    "disclaimer": _PREDICTION["disclaimer"],
    "model_version": "1.0.0",
    "instance": "chatbot-1a2b3c4d",
    "timing_ms": 21.4,
    "timestamp": _PREDICTION["timestamp"],
}

CHAT_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": _CHAT}, "text/event-stream": {}}},
    **{status: _error(status) for status in (401, 422, 503, 504)},
}
