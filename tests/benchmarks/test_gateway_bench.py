"""The gateway's benchmark counts right and sends valid pictures. Nothing is timed here."""

from __future__ import annotations

import asyncio
import io
import os
from typing import cast

import pytest
from httptools import HttpRequestParser
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from benchmarks.gateway_pictures import Pictures, Uploads, noise_jpeg
from benchmarks.gateway_report import Blocks, latency_table, percentile, rate_table, ratio
from benchmarks.gateway_run import Job, Run
from benchmarks.noop import Noop
from shared.contract import Prediction
from shared.http.uploads import read_image
from shared.registry import Instance

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return Pictures(noise_jpeg(64, 93))


def picture(pictures: Pictures) -> bytes:
    return pictures.before + pictures.tag() + pictures.after


@pytest.mark.parametrize(("percent", "value"), [(50.0, 50.0), (95.0, 95.0), (99.0, 99.0), (100.0, 100.0)])
def test_a_percentile_is_the_nearest_rank(percent: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert [percentile([7.0], percent) for percent in (0.0, 50.0, 99.0)] == [7.0] * 3


def test_what_the_gateway_adds_is_the_difference_of_percentiles() -> None:
    table = latency_table({"direct": [1.0, 1.0], "a proxy": [3.0, 3.5]})
    assert table.splitlines()[-1] == "| **added by a proxy** | 2.00 | 2.50 | 2.50 |"


def test_a_ratio_is_of_blocks_of_the_same_round() -> None:
    assert ratio(Blocks(rates=[200.0, 600.0, 900.0]), Blocks(rates=[100.0, 200.0, 900.0])) == (2.0, 1.0, 3.0)


def test_rates_are_medians_beside_the_ceiling() -> None:
    blocks = {"ours": Blocks([100.0, 300.0, 200.0], [1.0, 2.0, 3.0]), "direct": Blocks([800.0], [0.1])}
    assert "| ours | 200 | 100–300 | 0.25 | 2.00 |" in rate_table(blocks, "direct")


def test_each_picture_is_another_and_opens(pictures: Pictures) -> None:
    made = [picture(pictures) for _ in range(50)]
    assert len(set(made)) == len(made)
    for data in made[:3]:
        assert (len(data), data[:3], data[-2:]) == (pictures.size, b"\xff\xd8\xff", b"\xff\xd9")
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", (64, 64))


def test_the_pictures_are_as_large_as_they_should_be() -> None:
    assert 140_000 < len(noise_jpeg(224, 97)) < 160_000
    assert 8_000 < len(noise_jpeg(64, 93)) < 12_000


def test_another_process_makes_other_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    jpeg = noise_jpeg(8, 50)
    assert Pictures(jpeg).tag() != Pictures(jpeg).tag()
    monkeypatch.setattr(os, "urandom", lambda count: b"\x07" * count)
    assert Pictures(jpeg).tag() == b"07" * 8 + b"0" * 15 + b"1"


def test_an_upload_is_one_that_the_gateway_reads(pictures: Pictures) -> None:
    async def size(request: Request) -> JSONResponse:
        return JSONResponse(len(await read_image(request, max_bytes=MEGABYTE)))

    head, _, body = next(Uploads(pictures, "/", "key")).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert (headers["Authorization"], int(headers["Content-Length"])) == ("Bearer key", len(body))
    with TestClient(Starlette(routes=[Route("/", size, methods=["POST"])])) as client:
        assert client.post("/", content=body, headers=headers).json() == pictures.size


def test_the_service_answers_as_the_contract_says() -> None:
    client = TestClient(Noop(1234))
    assert Prediction.model_validate_json(client.post("/predict", content=b"x" * MEGABYTE).content).model == "xray"
    assert Instance.model_validate_json(client.get("/health/ready").content).address == "http://127.0.0.1:1234"
    assert client.get("/").status_code == 404


class EveryOtherFails(asyncio.Protocol):
    """A server that answers each second request of a connection with 503."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = HttpRequestParser(self)
        self._count = 0

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._count += 1
        answer = (
            b"503 Busy\r\nContent-Length: 2\r\n\r\nno" if self._count % 2 else b"200 OK\r\nContent-Length: 0\r\n\r\n"
        )
        self._transport.write(b"HTTP/1.1 " + answer)


@pytest.mark.parametrize("rate", [None, 50])
async def test_a_run_counts_answers_and_failures(pictures: Pictures, rate: int | None) -> None:
    server = await asyncio.get_running_loop().create_server(EveryOtherFails, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        result = await Run(Job(port, "/", None, "small", seconds=0.2, connections=2, rate=rate), pictures).run()
    assert len(result.due_ms) == len(result.sent_ms) > 0
    assert result.failures > 0
    assert result.failure == "503 no"
    assert result.total >= len(result.due_ms) + result.failures
    assert all(due >= sent for due, sent in zip(result.due_ms, result.sent_ms, strict=True))
    if rate:
        assert len(result.due_ms) + result.failures == pytest.approx(rate * 0.2, abs=1)
