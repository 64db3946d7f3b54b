"""Every line says which request it belongs to, in both forms."""

from __future__ import annotations

import io
import json
import logging

import pytest
from fastapi import FastAPI

from shared.http.context import HEADER, RequestContext
from shared.logs import get_logger, tell
from tests.support.apps import running
from tests.support.logs import logging_to

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
FIELDS = {"status": 200, "model": "xray"}


@pytest.fixture
def stream() -> io.StringIO:
    """What is logged."""
    return io.StringIO()


async def a_request(stream: io.StringIO, *, as_json: bool) -> list[str]:
    """What a request logs in three ways: ours, a library's, and a line of plain fields."""
    app = FastAPI()
    app.add_middleware(RequestContext)

    @app.get("/")
    async def index() -> None:
        get_logger("gateway.ours").info("ours", **FIELDS)
        logging.getLogger("library").warning("theirs")
        tell(logging.getLogger("gateway.access"), logging.INFO, "request", FIELDS)

    async with running(app) as client:
        with logging_to(stream, as_json=as_json):
            await client.get("/", headers={HEADER: "request-1", "traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"})
    return stream.getvalue().splitlines()


async def test_every_line_has_the_ids(stream: io.StringIO) -> None:
    lines = [json.loads(line) for line in await a_request(stream, as_json=True)]
    assert [line["event"] for line in lines] == ["ours", "theirs", "request"]
    assert {(line["request_id"], line["trace_id"]) for line in lines} == {("request-1", CALLER)}
    ours, _, plain = lines
    assert ours.keys() == plain.keys()
    assert ours["timestamp"][-1] == plain["timestamp"][-1] == "Z"
    assert plain["level"] == "info"


async def test_a_terminal_sees_the_same(stream: io.StringIO) -> None:
    lines = await a_request(stream, as_json=False)
    assert len(lines) == 3
    assert all("request-1" in line and CALLER in line for line in lines)
    assert "xray" in lines[2]


def test_outside_a_request_there_are_no_ids(stream: io.StringIO) -> None:
    with logging_to(stream):
        get_logger("gateway.ours").info("started")
    assert not json.loads(stream.getvalue()).keys() & {"request_id", "trace_id"}


def test_below_the_level_nothing_is_told(stream: io.StringIO) -> None:
    with logging_to(stream, "WARNING"):
        tell(logging.getLogger("gateway.access"), logging.INFO, "request", FIELDS)
    assert stream.getvalue() == ""
