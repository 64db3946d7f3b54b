"""What requests and answers look like, for the documents of the gateway and the services alike."""

from __future__ import annotations

from typing import Any

from shared.disclaimer import DISCLAIMER
from shared.http.document import DEADLINE_PARAMETER, EXAMPLE_ID, EXAMPLE_TIME, Responses, refusals
from shared.http.explain import EXPLAIN_PARAMETER

CHAT: dict[str, Any] = {
    "request_id": EXAMPLE_ID,
    "session_id": "5f0c1b7d2e9a4c3b8d6f7a1e2c3b4d5e",
    "response": "Migraine\n\nSymptoms: Throbbing headache that gets worse with movement …",
    "language": "en",
    "kind": "answer",
    "confidence": 0.97,
    "red_flag": False,
    "urgency": "routine",
    "sources": [{"title": "Migraine", "topic": "migraine", "reference": "NHS: Migraine"}],
    "generated": False,
    "disclaimer": DISCLAIMER,
    "model_version": "1.0.0",
    "instance": "chatbot-1a2b3c4d",
    "timing_ms": 21.4,
    "timestamp": EXAMPLE_TIME,
}


def event_schema(**event: Any) -> dict[str, Any]:
    """Of one server-sent event."""
    text = {"type": "string"}
    return {"type": "object", "required": ["data"], "properties": {"data": text, "event": {**text, **event}}}


CHAT_EXTRA: dict[str, Any] = {"parameters": [DEADLINE_PARAMETER]}
CHAT_RESPONSES: Responses = {
    200: {
        "headers": {
            "X-Session-Memory": {
                "description": "`unavailable` when the conversation could not be kept",
                "schema": {"const": "unavailable"},
            }
        },
        "content": {
            "application/json": {"example": CHAT},
            "text/event-stream": {
                "itemSchema": event_schema(enum=["delta", "answer"]),
                "example": "event: delta\ndata: Migraine\n\nevent: answer\ndata: {…}\n\n",
            },
        },
    },
    **refusals(503, 504),
}

_PICTURE = {"type": "string", "format": "binary", "description": "JPEG or PNG"}
_MEAN = {"type": "number", "minimum": 0, "maximum": 1}
PREDICT_BODY: dict[str, Any] = {
    "parameters": [DEADLINE_PARAMETER, EXPLAIN_PARAMETER],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _PICTURE}},
            },
            "application/octet-stream": {"schema": _PICTURE},
            "application/json": {
                "schema": {"type": "array", "items": _MEAN, "minItems": 5, "maxItems": 5},
                "example": [0.62, 0.45, 0.38, 0.41, 0.63],
            },
        },
    },
}
PREDICT_RESPONSES: Responses = refusals(400, 503, 504)
PICTURE_BODY: dict[str, Any] = {
    "parameters": [DEADLINE_PARAMETER],
    "requestBody": {
        "required": True,
        "content": {
            kind: PREDICT_BODY["requestBody"]["content"][kind]
            for kind in ("multipart/form-data", "application/octet-stream")
        },
    },
}
"""A picture, and nothing else."""

_TENSOR = {
    "type": "object",
    "required": ["name", "datatype", "shape"],
    "properties": {
        "name": {"type": "string"},
        "datatype": {"enum": ["BYTES", "FP32", "FP64"]},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "parameters": {"type": "object", "properties": {"binary_data_size": {"type": "integer", "minimum": 0}}},
        "data": {"type": "array"},
    },
}
_WANTED = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "parameters": {"type": "object", "properties": {"binary_data": {"type": "boolean"}}},
    },
}
_INFER = {
    "type": "object",
    "required": ["inputs"],
    "properties": {
        "id": {"type": "string"},
        "inputs": {"type": "array", "items": _TENSOR, "minItems": 1, "maxItems": 1},
        "outputs": {"type": "array", "items": _WANTED},
        "parameters": {"type": "object", "properties": {"binary_data_output": {"type": "boolean"}}},
    },
}
_MEANS = {"name": "means", "datatype": "FP32", "shape": [1, 5], "data": [0.62, 0.45, 0.38, 0.41, 0.63]}
INFERENCE_HEADER = "Inference-Header-Content-Length"
_JSON_LENGTH = {"description": "bytes of the body's JSON; binary tensors follow it", "schema": {"type": "integer"}}
INFER_BODY: dict[str, Any] = {
    "parameters": [DEADLINE_PARAMETER, {"name": INFERENCE_HEADER, "in": "header", "required": False, **_JSON_LENGTH}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _INFER, "example": {"id": "1", "inputs": [_MEANS]}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    },
}
INFERRED: dict[str, Any] = {
    "model_name": "tumor",
    "model_version": "1.0.0",
    "id": "1",
    "outputs": [
        {"name": "label", "datatype": "BYTES", "shape": [1], "data": ["glioma"]},
        {"name": "probabilities", "datatype": "FP32", "shape": [1, 4], "data": [0.92, 0.05, 0.02, 0.01]},
    ],
}
INFER_RESPONSES: Responses = {
    200: {
        "headers": {INFERENCE_HEADER: _JSON_LENGTH},
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["model_name", "outputs"]},
                "example": INFERRED,
            },
            "application/octet-stream": {},
        },
    },
    **refusals(400, 503, 504),
}
