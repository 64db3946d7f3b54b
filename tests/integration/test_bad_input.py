"""Every bad input has its code, costs no memory, and leaves the system as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.support.pictures import encode, jpeg, photo, png, png_bomb
from tests.support.system import System

pytestmark = pytest.mark.integration


def gif() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    return encode(frames[0], "GIF", save_all=True, append_images=frames[1:])


def picture(data: bytes, name: str = "scan.jpg") -> dict[str, Any]:
    return {"files": {"file": (name, data, "image/jpeg")}}


CASES: dict[str, tuple[dict[str, Any], int, str]] = {
    "empty file": (picture(b""), 400, "INVALID_IMAGE"),
    "text named .jpg": (picture(b"I am no picture.\n" * 40), 400, "INVALID_IMAGE"),
    "truncated JPEG": (picture(encode(photo(), "JPEG")[:20_000]), 400, "INVALID_IMAGE"),
    "truncated PNG": (picture(encode(photo())[:20_000]), 400, "INVALID_IMAGE"),
    "12 MB": (picture(jpeg() + b"\x00" * 12_000_000), 413, "PAYLOAD_TOO_LARGE"),
    "PNG bomb": (picture(png_bomb()), 413, "PAYLOAD_TOO_LARGE"),
    "animated GIF": (picture(gif()), 415, "UNSUPPORTED_FORMAT"),
    "WebP": (picture(encode(photo(), "WEBP")), 415, "UNSUPPORTED_FORMAT"),
    "SVG": (picture(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"), 415, "UNSUPPORTED_FORMAT"),
    "polyglot JPEG and ZIP": (picture(jpeg() + b"PK\x03\x04" + b"x" * 60), 400, "INVALID_IMAGE"),
    "polyglot PNG and HTML": (picture(png() + b"<html><script>1</script></html>"), 400, "INVALID_IMAGE"),
    "no file field": ({"files": {"picture": ("a.png", png())}}, 422, "VALIDATION_ERROR"),
    "a text field": ({"data": {"file": "text"}, "files": {"other": ("a", b"b")}}, 422, "VALIDATION_ERROR"),
    "two files": ({"files": [("file", ("a.png", png())), ("file", ("b.png", png()))]}, 422, "VALIDATION_ERROR"),
    "no body": ({}, 400, "INVALID_IMAGE"),
    "broken form": (
        {"content": b"--x\r\nnonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        422,
        "VALIDATION_ERROR",
    ),
    "form without boundary": (
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        422,
        "VALIDATION_ERROR",
    ),
    "numbers for an image model": ({"json": [0.1, 0.2, 0.3, 0.4, 0.5]}, 422, "VALIDATION_ERROR"),
    "a deadline that is no number": (
        {**picture(png()), "headers": {"X-Request-Timeout-Ms": "soon"}},
        422,
        "VALIDATION_ERROR",
    ),
}


@pytest.mark.parametrize(("request_", "status", "code"), CASES.values(), ids=CASES)
async def test_code(api: httpx.AsyncClient, request_: dict[str, Any], status: int, code: str) -> None:
    for path in ("/api/predict/tumor", "/api/tumor"):
        response = await api.post(path, **request_)
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
        assert response.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code", "request_id", "timestamp"} <= response.json().keys()


async def test_chunked_upload_is_cut_off(api: httpx.AsyncClient, system: System) -> None:
    """No Content-Length to read: the limit holds while the body arrives, and nothing of the rest is kept."""
    before = system.gateway.rss_bytes()

    async def body() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(200):
            yield b"\xff" * 1_000_000

    headers = {"content-type": "multipart/form-data; boundary=x"}
    response = await api.post("/api/predict/tumor", content=body(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert system.gateway.rss_bytes() - before < 60e6


async def test_unknown_model_lists_those_that_there_are(api: httpx.AsyncClient) -> None:
    response = await api.post("/api/predict/heart", **picture(png()))
    assert (response.status_code, response.json()["code"]) == (404, "UNKNOWN_MODEL")
    assert "palm_disease" in response.json()["models"]


async def test_an_unknown_path_is_a_problem_document_too(api: httpx.AsyncClient) -> None:
    response = await api.get("/api/nothing")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")
    response = await api.get("/api/predict/tumor")
    assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "body", ["[]", "[1,2]", "[0.1,0.2,0.3,0.4,2]", '["a",1,1,1,1]', "[NaN,0,0,0,0]", "{}", "nonsense", "[[[[]]]]"]
)
async def test_bad_numbers(api: httpx.AsyncClient, body: str) -> None:
    headers = {"content-type": "application/json"}
    response = await api.post("/api/predict/palm_disease", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "VALIDATION_ERROR"), response.text


async def test_the_system_is_as_it_was(api: httpx.AsyncClient, system: System) -> None:
    """A hundred hostile uploads: nobody restarts, nothing grows, the next picture is answered."""
    before = {name: process.rss_bytes() for name, process in system.services.items()}
    bomb = png_bomb()
    for _ in range(25):
        for data in (bomb, gif(), jpeg()[:-200], b"x" * 5_000_000):
            assert (await api.post("/api/predict/tumor", **picture(data))).status_code in (400, 413, 415)
    good = await api.post("/api/predict/tumor", **picture(jpeg()))
    assert good.status_code == 200
    for name, process in system.services.items():
        assert process.rss_bytes() - before[name] < 200e6
        assert process.popen is not None
        assert process.popen.poll() is None


async def test_nothing_is_written_to_disk(api: httpx.AsyncClient, tmp_path: Path) -> None:
    """A picture above Starlette's spool size goes through; see tests/shared/http for the proof at the parser."""
    data = encode(photo((1800, 1400)))
    assert 1_000_000 < len(data) < 10_000_000
    assert (await api.post("/api/predict/tumor", **picture(data))).status_code == 200
