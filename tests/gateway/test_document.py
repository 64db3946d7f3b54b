"""The API's document: what it promises of every operation, and the copy of it that is checked in."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gateway.app import create_app
from gateway.document import TAGS, main, text_of
from gateway.gate import is_public
from gateway.policy import ROLE
from gateway.settings import GatewaySettings
from tests.conftest import REPOSITORY
from tests.support.people import SECRET_KEY

GOLDEN = REPOSITORY / "docs" / "openapi.json"
DOCUMENT: dict[str, Any] = create_app(GatewaySettings(secret_key=SECRET_KEY)).openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
PROBLEM = "application/problem+json"
_KINDS = ("application/json", "image/svg+xml")


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """``part``, or what it refers to."""
    found: Any = part
    while "$ref" in found:
        reference, found = found["$ref"], DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
    return dict(found)


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in ``value``."""
    if isinstance(value, dict):
        yield value
    for below in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(below)


def success(operation: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    (found,) = [(status, answer) for status, answer in operation["responses"].items() if status < "300"]
    return found


def check(schema: dict[str, Any], example: Any) -> None:
    validator = jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]})
    assert [str(error) for error in validator.iter_errors(example)] == []


def check_lines(content: dict[str, Any]) -> None:
    for line in content["example"].splitlines():
        check(content["itemSchema"], json.loads(line))


def test_the_checked_in_copy_is_up_to_date() -> None:
    assert text_of(DOCUMENT) == GOLDEN.read_text(encoding="utf-8"), (
        "the API has changed: `make openapi`, and look at it"
    )


def test_it_is_written_as_it_is_served(tmp_path: Path) -> None:
    main([str(tmp_path / "openapi.json")])
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8") == text_of(DOCUMENT)


def test_names_are_unique() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names)) > 30


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["tags"][0] in dict(TAGS)
    path = name.split()[1]
    assert (operation["security"] == []) is (ROLE not in operation) is is_public(path)
    if ROLE in operation:
        schemes = [scheme for wanted in operation["security"] for scheme in wanted]
        assert set(schemes) == DOCUMENT["components"]["securitySchemes"].keys()
        assert {"401", "403", "429", "503"} <= operation["responses"].keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_refusals_are_problems(name: str) -> None:
    operation = OPERATIONS[name]
    refused = {status: resolved(answer) for status, answer in operation["responses"].items() if status >= "400"}
    for status, answer in refused.items():
        content = answer["content"][PROBLEM]
        for example in content["examples"].values():
            assert str(example["value"]["status"]) == status
            check(content["schema"], example["value"])
    if "requestBody" in operation:
        assert {"413", "415", "422"} <= refused.keys()
    if "{" in name:
        assert "404" in refused


@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_have_examples_that_hold(name: str) -> None:
    status, answer = success(OPERATIONS[name])
    assert "X-Request-ID" in answer["headers"]
    if status == "204":
        assert "content" not in answer
        return
    if lines := answer["content"].get("application/x-ndjson"):
        check_lines(lines)
        return
    (content,) = [answer["content"][kind] for kind in _KINDS if kind in answer["content"]]
    check(content["schema"], content["example"])


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if "requestBody" in operation])
def test_requests_have_examples_that_hold(name: str) -> None:
    content = OPERATIONS[name]["requestBody"]["content"]
    shown = [found for found in content.values() if "example" in found]
    assert shown or "multipart/form-data" in content  # a picture has no example
    for found in shown:
        check(found["schema"], found["example"])


def test_the_streams_are_told_of() -> None:
    for name in ("POST /api/chatbot", "POST /v1/chat/completions"):
        _, answer = success(OPERATIONS[name])
        assert answer["content"]["text/event-stream"]["example"].startswith(("event:", "data:"))


def test_every_reference_leads_somewhere() -> None:
    references = [part for part in parts(DOCUMENT) if isinstance(part.get("$ref"), str)]
    assert references
    for reference in references:
        assert resolved(reference)


def test_it_names_no_machine() -> None:
    text = json.dumps(DOCUMENT)
    for word in (str(REPOSITORY), socket.gethostname(), "localhost", "127.0.0.1", "0.0.0.0"):
        assert word not in text
    assert "servers" not in DOCUMENT
