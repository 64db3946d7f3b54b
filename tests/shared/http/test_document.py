"""The document says what is true of every answer: our errors, our headers, nothing of FastAPI's own."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from shared.http.document import describe, refusals


class Question(BaseModel):
    message: str


@pytest.fixture
def document() -> dict[str, Any]:
    app = FastAPI(title="toy", version="1")

    @app.get("/plain")
    async def plain() -> None: ...

    @app.post("/ask/{name}", responses=refusals(503))
    async def ask(name: str, question: Question) -> None: ...

    @app.get("/ready", responses={503: {"model": Question}})
    async def ready() -> None: ...

    return describe(app, lambda path, _: [401] if path == "/plain" else [])


def statuses(document: dict[str, Any], path: str) -> list[str]:
    (operation,) = document["paths"][path].values()
    return list(operation["responses"])


def test_what_an_operation_may_answer(document: dict[str, Any]) -> None:
    assert statuses(document, "/plain") == ["200", "401"]
    assert statuses(document, "/ask/{name}") == ["200", "404", "408", "413", "415", "422", "503"]
    answers = document["paths"]["/ask/{name}"]["post"]["responses"]
    assert answers["422"] == {"$ref": "#/components/responses/ValidationFailed"}
    assert "X-Request-ID" in answers["200"]["headers"]


def test_an_answer_of_its_own_stays_beside_ours(document: dict[str, Any]) -> None:
    answer = document["paths"]["/ready"]["get"]["responses"]["503"]
    assert answer["content"].keys() == {"application/json", "application/problem+json"}


def test_the_components(document: dict[str, Any]) -> None:
    components = document["components"]
    assert components["schemas"].keys() == {"Problem", "Question"}
    examples = components["responses"]["ModelUnavailable"]["content"]["application/problem+json"]["examples"]
    assert examples.keys() == {
        "MODEL_UNAVAILABLE",
        "OVERLOADED",
        "SIGN_IN_UNAVAILABLE",
        "FEEDBACK_UNAVAILABLE",
        "AUDIT_UNAVAILABLE",
    }
    assert examples["OVERLOADED"]["value"]["type"] == "urn:doctorai:error:overloaded"
    assert components["responses"]["RateLimited"]["headers"].keys() >= {"Retry-After", "RateLimit-Limit"}


def test_it_is_made_once(document: dict[str, Any]) -> None:
    app = FastAPI()
    assert describe(app, lambda *_: ()) is describe(app, lambda *_: ())
