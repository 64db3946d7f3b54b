"""Every line says which request it belongs to, in both forms, and none is lost at an exit."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from fastapi import FastAPI

from shared.http.context import HEADER, RequestContext
from shared.lines import LineWriter
from shared.logs import get_logger, tell
from tests.conftest import REPOSITORY
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


def test_an_error_has_its_stack_and_no_local_variable(stream: io.StringIO) -> None:
    word = "Canary".upper()
    with logging_to(stream):
        try:
            raise ValueError("here")
        except ValueError as error:
            get_logger("gateway.ours").error("unexpected_error", exc_info=error)
    assert "test_an_error_has_its_stack" in json.loads(stream.getvalue())["exception"]
    assert word not in stream.getvalue()


def test_below_the_level_nothing_is_told(stream: io.StringIO) -> None:
    with logging_to(stream, "WARNING"):
        tell(logging.getLogger("gateway.access"), logging.INFO, "request", FIELDS)
    assert stream.getvalue() == ""


def test_none_is_lost_at_an_exit() -> None:
    code = (
        "import logging; from shared.logs import configure_logging, tell; configure_logging('INFO', json=True);"
        "[tell(logging.getLogger('gateway'), 20, 'request', {'n': n}) for n in range(5000)]"
    )
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert [json.loads(line)["n"] for line in done.stderr.splitlines()] == list(range(5000))


class Stuck(io.StringIO):
    """A stream whose reader takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.open = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.entered.set()
        assert self.open.wait(10)
        return super().write(text)


def test_a_reader_that_takes_nothing_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.lines._MOST_WAITING", 100)
    stream = Stuck()
    writer = LineWriter(stream)
    try:
        writer.write("first", soon=True)
        assert stream.entered.wait(10)
        for _ in range(1000):
            writer.write("more")
    finally:
        stream.open.set()
        writer.close()
    assert len(stream.getvalue().splitlines()) == 101
