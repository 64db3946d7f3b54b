"""The OpenAPI document of a process of ours: FastAPI's, with our own form of errors and of headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.errors import (
    AuditUnavailable,
    Conflict,
    DeadlineExceeded,
    DoctorAIError,
    FeedbackUnavailable,
    Forbidden,
    InvalidImage,
    ModelUnavailable,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    RateLimited,
    SignInUnavailable,
    Unauthorized,
    UnknownModel,
    UnsupportedFormat,
    UploadTimeout,
    ValidationFailed,
)
from shared.http.context import HEADER as REQUEST_ID
from shared.http.deadline import HEADER as DEADLINE
from shared.http.problems import MEDIA_TYPE, problem

Operation = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]
EXAMPLE_ID, EXAMPLE_TIME = "0d3c2a5b9f1e4c7d8a6b5c4d3e2f1a0b", "2026-11-24T12:00:00Z"
_ERRORS = (
    InvalidImage("The file is not an image: found text; send JPEG or PNG."),
    Unauthorized("Sign in first: POST /api/token."),
    Forbidden("This is for the role clinician; yours is viewer."),
    NotFound("There is nothing at /api/nothing."),
    UnknownModel("No model 'heart'; there are: chatbot, lung_colon, …"),
    Conflict("The first request with this key is still in hand."),
    UploadTimeout("The request body did not arrive within 30 s."),
    PayloadTooLarge("The file has 12,000,000 bytes; the limit is 10,485,760."),
    UnsupportedFormat("The file is WebP; send JPEG or PNG."),
    ValidationFailed("body.file: the form has no field 'file'; send the image in it."),
    RateLimited("More than 300 per 1 minute (user); try again in 12 s."),
    ModelUnavailable("tumor is not available: no instance has announced itself."),
    Overloaded("tumor has as much in hand as it may."),
    SignInUnavailable("Redis does not answer: nobody can be verified."),
    FeedbackUnavailable("The feedback cannot be kept: No space left on device."),
    AuditUnavailable("The audit log cannot be read: Input/output error."),
    DeadlineExceeded("No answer within the deadline of 30000 ms."),
)
_SECONDS = {"schema": {"type": "integer", "minimum": 0}}
_HEADERS: dict[str, dict[str, Any]] = {
    REQUEST_ID: {
        "description": "finds the request in the logs; the caller's own when it sent a well-formed one",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9._\-]{8,64}$"},
    },
    "Retry-After": {"description": "seconds", **_SECONDS},
    "RateLimit-Limit": {"description": "requests in a window", **_SECONDS},
    "RateLimit-Remaining": {"description": "requests left in this window", **_SECONDS},
    "RateLimit-Reset": {"description": "seconds until there are more", **_SECONDS},
    "WWW-Authenticate": {"schema": {"type": "string"}},
}
_LIMITS = ("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_HEADERS_OF = {401: ("WWW-Authenticate",), 429: _LIMITS, 503: ("Retry-After",)}
_OF_BODIES = (408, 413, 415, 422)
DEADLINE_PARAMETER = {
    "name": DEADLINE,
    "in": "header",
    "required": False,
    "description": "the caller's deadline, milliseconds; never later than the server's own",
    "schema": {"type": "integer", "minimum": 1, "maximum": 10**15 - 1},
    "example": 10_000,
}


def refusals(*statuses: int) -> Responses:
    """The ``responses`` of a route that may also answer with the problems of ``statuses``."""
    return {status: {"description": _title(status)} for status in statuses}


def describe(app: FastAPI, refused_with: Callable[[str, Operation], Iterable[int]]) -> dict[str, Any]:
    """The document, made once. ``refused_with``: statuses that an operation need not name itself."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, tags=app.openapi_tags, routes=app.routes
        )
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _complete(operation, (*_refused_by_nature(path, operation), *refused_with(path, operation)))
        _add_components(document.setdefault("components", {}))
        app.openapi_schema = document
    return app.openapi_schema


def _refused_by_nature(path: str, operation: Operation) -> list[int]:
    found = [*_OF_BODIES] if "requestBody" in operation else []
    found += [404] if "{" in path else []
    return found + ([422] if "parameters" in operation else [])


def _complete(operation: Operation, statuses: Iterable[int]) -> None:
    responses = operation["responses"]
    for status in statuses:
        responses.setdefault(str(status), {})
    operation["responses"] = {status: _response(int(status), responses[status]) for status in sorted(responses)}


def _response(status: int, declared: dict[str, Any]) -> dict[str, Any]:
    if status < 400:
        return {**declared, "headers": _references((REQUEST_ID,)) | declared.get("headers", {})}
    if status == 422 or "content" not in declared:  # FastAPI's own 422 is not ours
        return {"$ref": f"#/components/responses/{_name(status)}"}
    return {**declared, "headers": _references((REQUEST_ID,)), "content": declared["content"] | _content(status)}


def _add_components(components: dict[str, Any]) -> None:
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _problem_schema()
    components["headers"] = _HEADERS
    components["responses"] = {
        _name(status): {
            "description": _title(status),
            "headers": _references((REQUEST_ID, *_HEADERS_OF.get(status, ()))),
            "content": _content(status),
        }
        for status in sorted({error.status for error in _ERRORS})
    }


def _content(status: int) -> dict[str, Any]:
    examples = {error.code: {"value": _example(error)} for error in _ERRORS if error.status == status}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"status": {"const": status}}}]}
    return {MEDIA_TYPE: {"schema": schema, "examples": examples}}


def _example(error: DoctorAIError) -> Any:
    of_this_moment = {"request_id": EXAMPLE_ID, "timestamp": EXAMPLE_TIME}
    return json.loads(bytes(problem(error).body)) | of_this_moment


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    properties = dict.fromkeys(("type", "title", "detail", "code", "request_id"), text)
    return {
        "type": "object",
        "title": "Problem",
        "description": "RFC 9457. `error` repeats the detail in the form that /v2's or /v1's clients read.",
        "required": [*properties, "status", "timestamp"],
        "properties": {
            **properties,
            "status": {"type": "integer"},
            "timestamp": {"type": "string", "format": "date-time"},
            "error": {"type": ["string", "object"]},
        },
    }


def _references(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _first(status: int) -> DoctorAIError:
    return next(error for error in _ERRORS if error.status == status)


def _title(status: int) -> str:
    return _first(status).title


def _name(status: int) -> str:
    return type(_first(status)).__name__
