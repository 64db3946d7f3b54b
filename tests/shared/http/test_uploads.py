"""One uploaded file, in memory only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from PIL import Image

from shared.http.problems import install_problem_handlers
from shared.http.uploads import read_image
from tests.support.apps import running
from tests.support.pictures import encode, jpeg, png

MAX = 4_000_000


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.post("/")
    async def upload(request: Request) -> int:
        return len(await read_image(request, max_bytes=MAX))

    install_problem_handlers(app)
    async with running(app) as client:
        yield client


async def code(client: httpx.AsyncClient, **request: Any) -> tuple[int, str]:
    answer = await client.post("/", **request)
    return answer.status_code, answer.json()["code"]


async def test_the_file_field(client: httpx.AsyncClient) -> None:
    assert (await client.post("/", files={"file": ("scan.png", png())})).json() == len(png())


async def test_other_fields_beside_it_are_let_be(client: httpx.AsyncClient) -> None:
    answer = await client.post("/", files={"file": ("scan.png", png())}, data={"note": "left hand"})
    assert answer.json() == len(png())


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream", "text/plain", ""])
async def test_the_raw_body_whatever_it_calls_itself(client: httpx.AsyncClient, kind: str) -> None:
    assert (await client.post("/", content=jpeg(), headers={"Content-Type": kind})).json() == len(jpeg())


async def test_the_type_may_be_written_in_capitals(client: httpx.AsyncClient) -> None:
    request = client.build_request("POST", "/", files={"file": png()})
    request.headers["Content-Type"] = request.headers["Content-Type"].replace("multipart/f", "Multipart/F")
    assert (await client.send(request)).json() == len(png())


BAD_FORMS: dict[str, dict[str, Any]] = {
    "no file field": {"files": {"picture": png()}},
    "only text fields": {"files": {"note": (None, "x")}},
    "two files": {"files": [("file", png()), ("file", jpeg())]},
    "a text field": {"files": {"file": (None, "not a file")}},
    "too many fields": {"files": [(f"f{at}", (None, "x")) for at in range(20)]},
    "no boundary": {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
    "not multipart": {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    "no body": {"content": b"", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    "part without a name": {
        "content": b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n",
        "headers": {"Content-Type": "multipart/form-data; boundary=b"},
    },
}


@pytest.mark.parametrize("name", BAD_FORMS)
async def test_a_form_without_one_file_is_a_validation_error(client: httpx.AsyncClient, name: str) -> None:
    assert await code(client, **BAD_FORMS[name]) == (422, "VALIDATION_ERROR")


async def test_a_file_that_is_no_picture(client: httpx.AsyncClient) -> None:
    assert await code(client, files={"file": ("scan.jpg", b"hello")}) == (400, "INVALID_IMAGE")
    assert await code(client, files={"file": ("scan.jpg", b"")}) == (400, "INVALID_IMAGE")
    assert await code(client, content=b"") == (400, "INVALID_IMAGE")
    gif = encode(Image.new("L", (4, 4)), "GIF")
    assert await code(client, files={"file": ("scan.png", gif)}) == (415, "UNSUPPORTED_FORMAT")


@pytest.mark.parametrize("size", [1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, MAX])
async def test_every_size_up_to_the_limit(client: httpx.AsyncClient, size: int) -> None:
    data = jpeg().ljust(size, b"\0")
    assert (await client.post("/", files={"file": data})).json() == size
    assert (await client.post("/", content=data)).json() == size


@pytest.mark.parametrize("how", ["multipart", "raw"])
async def test_one_byte_above_the_limit(client: httpx.AsyncClient, how: str) -> None:
    data = jpeg().ljust(MAX + 1, b"\0")
    request: dict[str, Any] = {"files": {"file": data}} if how == "multipart" else {"content": data}
    assert await code(client, **request) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_large_file_never_reaches_the_disk(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    data = jpeg().ljust(3_000_000, b"\0")
    assert (await client.post("/", files={"file": data})).json() == len(data)
