"""Every error is one problem document, and says nothing that a stranger should not read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Form, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared import errors
from shared.errors import DoctorAIError, Overloaded
from shared.http.context import HEADER, RequestContext, request_id
from shared.http.disconnect import ClientDisconnected
from shared.http.problems import install_problem_handlers
from tests.support.apps import running


def subclasses(base: type[DoctorAIError]) -> list[type[DoctorAIError]]:
    return [base, *(found for child in base.__subclasses__() for found in subclasses(child))]


ERRORS = {error.__name__: error for error in subclasses(DoctorAIError) if error.__module__ == errors.__name__}


class Words(BaseModel):
    text: str


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise ERRORS[name]("what happened", headers={"X-Why": name}, extra={"models": ["a"]})

    @app.get("/secret")
    async def secret() -> None:
        raise RuntimeError("the password is hunter2")

    @app.get("/busy")
    async def busy() -> None:
        raise Overloaded("too much", headers={"Retry-After": "1"})

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, "short and stout", headers={"X-Tea": "green"})

    @app.get("/number/{value}")
    async def number(value: int) -> int:
        return value

    @app.put("/number/{value}", status_code=204)
    async def put(value: int) -> None:
        pass

    @app.get("/id")
    async def identifier() -> str:
        return request_id()

    @app.get("/gone/{kind}")
    async def gone(request: Request, kind: str) -> None:
        raise ClientDisconnect if kind == "starlette" else ClientDisconnected

    _add_bodies(app)
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    return app


def _add_bodies(app: FastAPI) -> None:
    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> str:
        return name

    @app.post("/json")
    async def words(body: Words) -> Words:
        return body


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with running(make_app()) as client:
        yield client


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"urn:doctorai:error:{code.lower().replace('_', '-')}"
    assert body["request_id"] == answer.headers[HEADER]
    assert body["error"] == body["detail"]
    assert body["title"]
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None
    return body


@pytest.mark.parametrize("name", ERRORS)
async def test_each_error_of_the_tree(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/raise/{name}")
    body = problem(answer, ERRORS[name].status, ERRORS[name].code)
    assert (body["detail"], body["models"], answer.headers["X-Why"]) == ("what happened", ["a"], name)


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    drawn = {}
    for line in (errors.__doc__ or "").splitlines():
        words = line.strip("│├└─ ").split()
        if len(words) >= 3 and words[1].isdigit():
            drawn[words[0]] = (int(words[1]), words[2])
    assert drawn == {name: (error.status, error.code) for name, error in ERRORS.items()}


async def test_the_unexpected_is_a_500_without_its_stack_but_with_its_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/secret", headers={HEADER: "caller-0001"})
    problem(answer, 500, "INTERNAL_ERROR")
    assert answer.headers[HEADER] == "caller-0001"
    assert not any(word in answer.text for word in ("hunter2", "RuntimeError", "Traceback", ".py"))


async def test_what_starlette_and_fastapi_refuse(client: httpx.AsyncClient) -> None:
    problem(await client.get("/nothing/here"), 404, "NOT_FOUND")
    assert (await client.post("/id")).headers["allow"] == "GET"
    problem(await client.post("/id"), 405, "METHOD_NOT_ALLOWED")
    assert (await client.post("/number/1")).headers["allow"] == "GET, PUT"
    teapot = await client.get("/teapot")
    assert problem(teapot, 418, "I'M_A_TEAPOT")["detail"] == "short and stout"
    assert teapot.headers["X-Tea"] == "green"
    assert problem(await client.get("/number/x"), 422, "VALIDATION_ERROR")["detail"].startswith("path.value: ")


@pytest.mark.parametrize(
    ("path", "kind", "body", "detail"),
    [
        ("/form", "multipart/form-data; boundary=x", b"broken", "body: it cannot be read."),
        ("/form", "multipart/form-data", b"broken", "body: it cannot be read."),
        ("/json", "application/json", b"{broken", "body: not valid JSON."),
        ("/json", "application/json", b"\xff", "body: not valid JSON."),
        ("/json", "text/plain", b'{"text": "a"}', "body: send it with Content-Type: application/json."),
        ("/json", None, b'{"text": "a"}', "body: send it with Content-Type: application/json."),
        (
            "/json",
            "application/json",
            b"[]",
            "body: Input should be a valid dictionary or object to extract fields from",
        ),
        ("/json", "application/json", b"", "body: Field required"),
    ],
)
async def test_it_says_what_is_wrong_with_a_body(
    client: httpx.AsyncClient, path: str, kind: str | None, body: bytes, detail: str
) -> None:
    answer = await client.post(path, content=body, headers={"Content-Type": kind} if kind else {})
    assert problem(answer, 422, "VALIDATION_ERROR")["detail"] == detail


async def test_a_shed_request_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/busy")
    problem(answer, 503, "OVERLOADED")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("given", ["abcd1234", "A.b_c-9" * 9, "0" * 64])
async def test_a_well_formed_id_is_echoed(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/id", headers={HEADER: given})
    assert (answer.headers[HEADER], answer.json()) == (given, given)


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space", "semi;colon", "a\tb-long-one", "é" * 8, "${jndi}"]
)
async def test_a_malformed_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/id", headers={HEADER: given.encode("latin-1")})
    assert answer.headers[HEADER] != given
    assert len(answer.headers[HEADER]) == 32
    assert answer.json() == answer.headers[HEADER]


async def test_two_requests_have_two_ids_and_none_is_left_behind(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/id"), await client.get("/nothing")
    assert first.headers[HEADER] != second.headers[HEADER]
    assert request_id() == "-"


@pytest.mark.parametrize("kind", ["starlette", "ours"])
async def test_a_caller_who_hung_up_gets_no_answer_and_is_no_error(kind: str) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": f"/gone/{kind}", "headers": [], "query_string": b""}
    await make_app()(scope, receive, send)
    assert sent == []


async def test_an_error_after_the_answer_began_is_not_answered_twice() -> None:
    app = FastAPI()

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("halfway")

    app.mount("/", broken)
    install_problem_handlers(app)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    with pytest.raises(RuntimeError, match="halfway"):
        await app(scope, receive, send)
    assert [message["status"] for message in sent] == [200]
    assert json.dumps(sent[0]["type"]) == '"http.response.start"'
