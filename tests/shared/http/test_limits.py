"""A body that is too large is refused while it arrives, however it is sent and whoever reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from shared.http.context import HEADER, RequestContext
from shared.http.limits import BodyLimit
from shared.http.problems import install_problem_handlers
from tests.support.apps import running

LIMIT = 1000


class Question(BaseModel):
    message: str


def make_app(read: list[int], **times: float) -> FastAPI:
    app = FastAPI()

    @app.post("/raw")
    async def raw(request: Request) -> int:
        async for chunk in request.stream():
            read.append(len(chunk))  # noqa: PERF401 - what arrived before the refusal counts, too
        return sum(read)

    @app.post("/json")
    async def as_json(question: Question) -> int:
        return len(question.message)

    install_problem_handlers(app)
    app.add_middleware(BodyLimit, limit=LIMIT, **times)
    app.add_middleware(RequestContext)
    return app


@pytest.fixture
def read() -> list[int]:
    """Sizes of the chunks that reached the application."""
    return []


@pytest.fixture
async def client(read: list[int]) -> AsyncIterator[httpx.AsyncClient]:
    async with running(make_app(read)) as client:
        yield client


async def chunked(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers[HEADER]
    assert "1,000 bytes" in answer.json()["detail"]


async def test_the_limit_itself_passes(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=bytes(LIMIT))).json() == LIMIT


async def test_the_limit_itself_passes_in_chunks(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=chunked([bytes(400), bytes(600)]))).json() == LIMIT


async def test_a_length_above_the_limit_is_refused_unread(client: httpx.AsyncClient, read: list[int]) -> None:
    refused(await client.post("/raw", content=bytes(LIMIT + 1)))
    assert read == []


async def test_a_chunked_body_is_refused_as_soon_as_it_is_too_large(client: httpx.AsyncClient, read: list[int]) -> None:
    refused(await client.post("/raw", content=chunked([bytes(500)] * 1000)))
    assert sum(read) <= LIMIT


@pytest.mark.parametrize("path", ["/raw", "/json"])
async def test_a_length_that_lies_does_not_help(client: httpx.AsyncClient, path: str) -> None:
    content = chunked([b'{"message": "' + b"x" * 600, b"x" * 600 + b'"}'])
    headers = {"Content-Length": "10", "Content-Type": "application/json"}
    refused(await client.post(path, content=content, headers=headers))


@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "²", "9" * 5000, "0x10", "1, 2"])
async def test_a_length_that_is_no_number_is_refused(client: httpx.AsyncClient, length: str, read: list[int]) -> None:
    refused(await client.post("/raw", content=b"x", headers={"Content-Length": length.encode("latin-1")}))
    assert read == []


async def test_a_json_body_is_413_not_400(client: httpx.AsyncClient) -> None:
    # FastAPI turns whatever is raised while it reads a JSON body into a 400
    content = chunked([b'{"message": "' + b"x" * 2000 + b'"}'])
    refused(await client.post("/json", content=content, headers={"Content-Type": "application/json"}))


async def test_other_scopes_pass_by() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    for kind in ("lifespan", "websocket"):
        await BodyLimit(app, limit=1)({"type": kind, "headers": []}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan", "websocket"]


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "\xff"])
async def test_a_packed_body_is_refused_unread(client: httpx.AsyncClient, read: list[int], packing: str) -> None:
    for path in ("/raw", "/json"):
        answer = await client.post(path, content=b"x", headers={b"content-encoding": packing.encode("latin-1")})
        assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_FORMAT")
        assert packing in answer.json()["detail"]
    assert read == []
    assert (await client.post("/raw", content=b"x", headers={"content-encoding": "identity"})).status_code == 200


async def test_a_refused_connection_ends(client: httpx.AsyncClient) -> None:
    for content in (bytes(LIMIT + 1), chunked([bytes(500)] * 10)):
        assert (await client.post("/raw", content=content)).headers["connection"] == "close"
    assert "connection" not in (await client.post("/raw", content=bytes(LIMIT))).headers


@pytest.mark.parametrize("path", ["/raw", "/json"])
async def test_a_body_that_does_not_arrive_is_not_waited_for(path: str) -> None:
    sent: list[Message] = []
    came = iter([{"type": "http.request", "body": b"half", "more_body": True}])

    async def receive() -> Message:
        for message in came:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"10")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    await make_app([], within_s=0.05, linger_s=0.05)(scope, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert sent[-1]["more_body"] is False


async def test_a_chunked_body_that_nobody_reads_ends_the_connection() -> None:
    """As behind a door that lets nobody in: what is still sent is no next request."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("no", 401)(scope, receive, send)

    transport = httpx.ASGITransport(BodyLimit(app, limit=LIMIT))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.post("/", content=chunked([bytes(10)] * 3))).headers["connection"] == "close"
        assert "connection" not in (await client.post("/", content=bytes(10))).headers
