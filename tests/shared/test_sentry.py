"""An error report says where in the code something went wrong, and holds nothing that a caller sent."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from pydantic import SecretStr
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from shared.http.context import HEADER, RequestContext
from shared.http.problems import install_problem_handlers
from shared.logs import get_logger
from shared.sentry import reporting, scrubbed
from shared.settings import CommonSettings
from tests.support.apps import running
from tests.support.logs import logging_to

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
WORD = "Canary5b1f"


class Recorder(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [dict(event) for envelope in self.envelopes if (event := envelope.get_event())]

    def sent(self) -> str:
        return "".join(envelope.serialize().decode() for envelope in self.envelopes)


def settings(dsn: str | None = "https://key@sentry.example/1") -> CommonSettings:
    return CommonSettings(doctorai_mode="local", sentry_dsn=SecretStr(dsn) if dsn else None)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with logging_to(io.StringIO()):
        yield Recorder()


@pytest_asyncio.fixture
async def api(recorder: Recorder) -> AsyncIterator[httpx.AsyncClient]:
    """An application that fails with all that it was given in hand."""
    app = FastAPI()
    install_problem_handlers(app)
    app.add_middleware(RequestContext)

    @app.post("/fail/{name}")
    async def fail(request: Request, name: str) -> None:
        body = await request.body()
        try:
            raise KeyError(body)
        except KeyError as error:
            raise ValueError(f"cannot read {name}") from error

    with reporting(settings(), "xray", "xray-1", recorder):
        async with running(app) as client:
            yield client


async def test_nothing_of_a_request_is_in_a_report(api: httpx.AsyncClient, recorder: Recorder) -> None:
    headers = {HEADER: "request-1", "traceparent": f"00-{CALLER}-00f067aa0ba902b7-00", "X-Patient": WORD}
    answer = await api.post(f"/fail/{WORD}?q={WORD}", content=WORD, headers=headers)
    assert answer.status_code == 500
    (event,) = recorder.events
    assert event["tags"] == {
        "component": "xray",
        "event": "unexpected_error",
        "logger": "shared.http.problems",
        "request_id": "request-1",
        "trace_id": CALLER,
    }
    assert (event["environment"], event["server_name"]) == ("local", "xray-1")
    values = event["exception"]["values"]
    assert [value["type"] for value in values] == ["KeyError", "ValueError"]
    frame = values[1]["stacktrace"]["frames"][-1]
    assert frame["function"] == "fail"
    assert frame["lineno"] > 0
    assert frame.keys() <= {"filename", "function", "module", "lineno", "in_app"}
    assert WORD not in recorder.sent()


def test_a_librarys_message_stays_here(recorder: Recorder) -> None:
    with reporting(settings(), "gateway", "gateway-1", recorder):
        logging.getLogger("library").error("cannot read %s", WORD)
        logging.getLogger("library").error(f"cannot read {WORD}")
        get_logger("gateway").error("own_event", detail=WORD)
    assert len(recorder.events) == 3
    assert recorder.events[0]["message"] == "library"
    assert WORD not in recorder.sent()


def test_a_report_that_fails_says_nothing_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    class Broken(Recorder):
        def capture_envelope(self, envelope: Envelope) -> None:
            raise ValueError(WORD)

    stream = io.StringIO()
    with logging_to(stream), reporting(settings(), "gateway", "gateway-1", Broken()):
        get_logger("gateway").error("own_event", detail="said")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["own_event", "error_not_reported"]
    assert WORD not in stream.getvalue() + capfd.readouterr().err


def test_a_warning_is_no_error(recorder: Recorder) -> None:
    with reporting(settings(), "gateway", "gateway-1", recorder):
        logging.getLogger("library").warning("late")
    assert recorder.envelopes == []


def test_nothing_is_reported_without_a_dsn_or_after_the_end(recorder: Recorder) -> None:
    with reporting(settings(None), "gateway", "gateway-1", recorder):
        logging.getLogger("library").error("late")
    with reporting(settings(), "gateway", "gateway-1", recorder):
        pass
    logging.getLogger("library").error("too late")
    assert recorder.envelopes == []


def test_the_last_step_lets_only_the_allowed_through() -> None:
    frame = {"function": "f", "vars": {"name": WORD}, "context_line": WORD, "abs_path": WORD}
    event: Any = {
        "level": "error",
        "request": {"data": WORD},
        "user": {"id": WORD},
        "extra": {"a": WORD},
        "message": WORD,
        "breadcrumbs": {"values": [{"message": WORD}]},
        "contexts": {"a": {"b": WORD}},
        "exception": {"values": [{"type": "E", "value": WORD, "stacktrace": {"frames": [frame]}}]},
    }
    assert WORD not in json.dumps(scrubbed(event, {}))
