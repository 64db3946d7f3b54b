"""The gateway's OpenAPI document. ``python -m gateway.document FILE`` writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI

from gateway.examples import ANSWERS, REQUESTS, SCHEMAS
from gateway.policy import ROLE
from shared.http.document import Operation
from shared.http.document import describe as describe_app

TAGS = (
    ("health", "how the system is; no sign-in"),
    ("account", "signing in and out, and one's own account"),
    ("page", "what the page for people should know"),
    ("users", "accounts, for administrators"),
    ("keys", "keys for machines, for administrators"),
    ("predict", "a picture in, a prediction out"),
    ("feedback", "whether a prediction was right"),
    ("chat", "questions to the chatbot"),
    ("models", "the models and their cards"),
    ("versions", "which version of a model is served, for administrators"),
    ("system", "what fires, and how busy the models are"),
    ("audit", "who did what, for administrators"),
    ("open inference protocol", "KServe's and Triton's clients talk to it"),
    ("openai", "OpenAI's clients talk to it"),
)
_SCHEMES = {
    "password": {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": "/api/token", "refreshUrl": "/api/token/refresh", "scopes": {}}},
    },
    "bearer": {"type": "http", "scheme": "bearer", "description": "an access token, or an API key (`dai_…`)"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        document = describe_app(app, _refused_with)
        document["tags"] = [{"name": name, "description": description} for name, description in TAGS]
        document["components"]["securitySchemes"] = _SCHEMES
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(f"{method.upper()} {path}", operation)
    assert app.openapi_schema is not None  # noqa: S101 - describe_app has set it
    return app.openapi_schema


def _complete(name: str, operation: Operation) -> None:
    operation["security"] = [{scheme: []} for scheme in _SCHEMES] if ROLE in operation else []
    if name in REQUESTS:
        for content in operation["requestBody"]["content"].values():
            content.setdefault("example", REQUESTS[name])
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if status.startswith("2") and content is not None:
            content.setdefault("example", ANSWERS.get(name) or SCHEMAS.get(_schema_of(content)))


def _schema_of(content: dict[str, Any]) -> str:
    return str(content["schema"].get("$ref", "")).rpartition("/")[2]


def _refused_with(path: str, operation: Operation) -> list[int]:
    if ROLE in operation:
        return [401, 403, 429, 503]
    if path.startswith("/api/session"):
        return [401, 403, 429, 503]
    return [401, 429, 503] if path.startswith("/api/token") else []


def text_of(document: dict[str, Any]) -> str:
    """The document as the checked-in file has it."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> None:
    from gateway.app import create_app  # it imports this module
    from gateway.settings import GatewaySettings

    with TemporaryDirectory() as folder:
        settings = GatewaySettings(doctorai_mode="local", secret_key=token_hex(32), audit_log_path=Path(folder))
        Path(arguments[0]).write_text(text_of(create_app(settings).openapi()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
