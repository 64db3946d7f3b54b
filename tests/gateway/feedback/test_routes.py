"""Feedback from the prediction to the export: who may, what is refused, what is counted, what goes on without it."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gateway.app import create_app
from gateway.feedback.journal import Journal
from gateway.predictions import Predictions
from shared.contract import Prediction
from shared.http.context import request_id
from tests.gateway.feedback.helpers import on_disk
from tests.shared.audit.helpers import lines
from tests.support.accounts import PASSWORD, add_key, add_user, bearer, headers, settings
from tests.support.apps import running
from tests.support.instances import prediction
from tests.support.pictures import jpeg
from tests.support.processes import RedisServer
from tests.support.requests import metric

Headers = dict[str, str]
NOTE = "Histology of Jane Doe says pneumonia."
DISAGREE = {"verdict": "disagree", "label": "pneumonia", "note": NOTE}


@pytest.fixture
def app(redis_server: RedisServer, tmp_path: Path) -> FastAPI:
    return create_app(settings(redis_server.url, tmp_path))


@pytest_asyncio.fixture
async def api(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose models always say the same."""

    async def predict(*_: object) -> Prediction:
        return prediction().model_copy(update={"request_id": request_id()})

    monkeypatch.setattr(Predictions, "predict", predict)
    async with running(app) as client:
        yield client


@pytest_asyncio.fixture
async def admin(api: httpx.AsyncClient) -> Headers:
    return await headers(api)


@pytest_asyncio.fixture
async def user(api: httpx.AsyncClient, admin: Headers) -> Headers:
    return await clinician(api, admin, "dr.amal")


async def clinician(api: httpx.AsyncClient, admin: Headers, name: str) -> Headers:
    await add_user(api, admin, name)
    return await headers(api, name, PASSWORD)


async def predicted(api: httpx.AsyncClient, who: Headers, path: str = "/api/predict/xray", **more: str) -> str:
    answer = await api.post(path, files={"file": ("a.jpg", jpeg())}, headers={**who, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["request_id"])


async def say(api: httpx.AsyncClient, who: Headers, request: str, body: Any = None) -> httpx.Response:
    return await api.post(f"/api/predictions/{request}/feedback", json=body or {"verdict": "agree"}, headers=who)


async def exported(api: httpx.AsyncClient, admin: Headers, **asked: Any) -> list[dict[str, Any]]:
    answer = await api.get("/api/feedback", params=asked, headers=admin)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), answer.text
    assert NOTE not in answer.text
    return body


@pytest.mark.parametrize("path", ["/api/predict/xray", "/api/xray"])
async def test_from_a_prediction_to_the_export(
    app: FastAPI, api: httpx.AsyncClient, admin: Headers, user: Headers, tmp_path: Path, path: str
) -> None:
    request = await predicted(api, user, path)
    answer = await say(api, user, request, DISAGREE)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert {"verdict": "disagree", "label": "pneumonia", "result": "normal", "has_note": True}.items() <= said.items()
    assert said["request_id"] == request
    assert "note" not in said
    assert await exported(api, admin) == [said]
    assert await exported(api, admin, notes="true") == [{**said, "note": NOTE}]
    metrics = (await api.get("/metrics")).text
    assert 'feedback_total{model="xray",verdict="disagree"} 1.0' in metrics
    await audited(app, tmp_path, said)


async def audited(app: FastAPI, folder: Path, said: dict[str, Any]) -> None:
    await app.state.gateway.trail.log.flush()
    events = [line["event"] for line in lines(folder / "audit")]
    (given,) = [event for event in events if event["action"] == "feedback"]
    told = {name: given[name] for name in ("outcome", "subject", "model", "target", "decision", "result")}
    assert told == {
        "outcome": "ok",
        "subject": said["user"],
        "model": "xray",
        "target": said["request_id"],
        "decision": "disagree",
        "result": "pneumonia",
    }
    exports = [event.get("decision") for event in events if event["action"] == "feedback_export"]
    assert exports == [None, "with_notes"]
    assert "Jane" not in json.dumps(events)


async def test_the_export_of_one_model_since_then(api: httpx.AsyncClient, admin: Headers, user: Headers) -> None:
    said = (await say(api, user, await predicted(api, user))).json()
    for asked, found in (
        ({"model": "xray", "since": said["time"]}, [said]),
        ({"model": "tumor"}, []),
        ({"model": "heart"}, []),
        ({"since": "2200-01-01"}, []),
        ({"since": "2020-01-01T12:00:00"}, [said]),
    ):
        assert await exported(api, admin, **asked) == found, asked


async def test_nobody_finds_what_somebody_else_got(api: httpx.AsyncClient, admin: Headers, user: Headers) -> None:
    """The answer to another's id is that to one that there never was, the administrator's and a key's, too."""
    other = await clinician(api, admin, "dr.omar")
    key = bearer((await add_key(api, admin))["key"])
    request = await predicted(api, user)
    asked = [(other, request), (admin, request), (key, request), (user, "never-there-1"), (other, "never-there-1")]
    bodies = [refused(await say(api, who, name), 404, "NOT_FOUND") for who, name in asked]
    assert len({(body["detail"], body["title"], frozenset(body)) for body in bodies}) == 1
    assert (await say(api, user, request)).status_code == 201


async def test_the_same_id_of_two_callers_means_two_predictions(
    api: httpx.AsyncClient, admin: Headers, user: Headers
) -> None:
    other = await clinician(api, admin, "dr.omar")
    for who, verdict in ((user, "agree"), (other, "unsure")):
        assert await predicted(api, who, **{"X-Request-ID": "chosen-by-a-client"}) == "chosen-by-a-client"
        assert (await say(api, who, "chosen-by-a-client", {"verdict": verdict})).status_code == 201
    assert [record["verdict"] for record in await exported(api, admin)] == ["agree", "unsure"]


async def test_a_key_gives_feedback_on_what_it_got(api: httpx.AsyncClient, admin: Headers) -> None:
    made = await add_key(api, admin, models=["xray"])
    request = await predicted(api, bearer(made["key"]))
    answer = await say(api, bearer(made["key"]), request)
    assert answer.json()["user"] == f"key:{made['id']}"


async def test_an_answer_that_is_replayed_is_found_by_both_ids(
    api: httpx.AsyncClient, admin: Headers, user: Headers
) -> None:
    first, second = "the-first-of-two", "the-second-of-two"
    for name in (first, second):
        again = {"Idempotency-Key": "the-same-again", "X-Request-ID": name}
        assert await predicted(api, user, **again) == first
    for name, verdict in ((first, "agree"), (second, "unsure")):
        answer = await say(api, user, name, {"verdict": verdict})
        assert (answer.status_code, answer.json()["request_id"]) == (201, first)
    assert [record["verdict"] for record in await exported(api, admin)] == ["unsure"], "it is one prediction"


async def test_no_store_leaves_nothing_to_say_something_about(api: httpx.AsyncClient, user: Headers) -> None:
    request = await predicted(api, user, **{"Cache-Control": "no-store"})
    refused(await say(api, user, request), 404, "NOT_FOUND")


async def test_a_viewer_may_not_and_only_an_admin_exports(
    api: httpx.AsyncClient, admin: Headers, user: Headers
) -> None:
    await add_user(api, admin, "a-viewer", "viewer")
    viewer = await headers(api, "a-viewer", PASSWORD)
    refused(await say(api, viewer, "whatever-it-is"), 403, "FORBIDDEN")
    refused(await api.get("/api/feedback", headers=user), 403, "FORBIDDEN")


BAD = [
    {},
    [],
    "agree",
    None,
    {"verdict": "maybe"},
    {"verdict": None},
    {"verdict": ["agree"]},
    {"verdict": "AGREE"},
    {"verdict": "agree", "note": 1},
    {"verdict": "agree", "note": {"a": 1}},
    {"verdict": "agree", "note": "x" * 2001},
    {"verdict": "agree", "note": "half \ud800 of one"},
    {"verdict": "agree", "image": "aGVsbG8="},
    {"verdict": "agree", "user": "somebody"},
    {"verdict": "agree", "label": "normal"},
    {"verdict": "unsure", "label": "pneumonia"},
    {"verdict": "disagree", "label": 1},
    {"verdict": "disagree", "label": "x" * 257},
]


async def test_what_does_not_fit_is_422(api: httpx.AsyncClient, user: Headers, tmp_path: Path) -> None:
    request = await predicted(api, user)
    path, shown = f"/api/predictions/{request}/feedback", {**user, "Content-Type": "application/json"}
    for body in (*(json.dumps(bad).encode() for bad in BAD), b"", b"\xff\xfe", b"{", b"[" * 100_000):
        refused(await api.post(path, content=body, headers=shown), 422, "VALIDATION_ERROR")
    assert on_disk(tmp_path / "feedback") == []


async def test_a_flood_is_413(api: httpx.AsyncClient, user: Headers) -> None:
    refused(await say(api, user, "whatever-1", {"verdict": "agree", "note": "x" * 600_000}), 413, "PAYLOAD_TOO_LARGE")


async def test_a_label_that_there_is_not_is_422_that_names_those_that_there_are(
    api: httpx.AsyncClient, user: Headers
) -> None:
    request = await predicted(api, user)
    for label in (None, "", "normal", "Pneumonia", "pneumonia ", "pneumonia\x00", "=cmd()"):
        answer = await say(api, user, request, {"verdict": "disagree", "label": label, "note": NOTE})
        body = refused(answer, 422, "VALIDATION_ERROR")
        assert body["labels"] == ["pneumonia", "other"]
        assert "pneumonia, other" in body["detail"]
    assert (await say(api, user, request, {"verdict": "disagree", "label": "other"})).status_code == 201


async def test_a_note_is_cleaned(api: httpx.AsyncClient, admin: Headers, user: Headers) -> None:
    request = await predicted(api, user)
    for note, kept in (("a\x00b\u202ec\x1b[0m\r\nd", "abc[0m\nd"), ("\x00\u2066 ", None), ("x" * 2000, "x" * 2000)):
        answer = await say(api, user, request, {"verdict": "unsure", "note": note})
        assert (answer.status_code, answer.json()["has_note"]) == (201, kept is not None)
        assert [record["note"] for record in await exported(api, admin, notes="1")] == [kept]


async def test_odd_ids_are_404(api: httpx.AsyncClient, user: Headers) -> None:
    long = "a" * 4000
    for name in ("%00", "%FF%FE", "%E2%80%AE", "..%2F..%2Fetc%2Fpasswd", long, "%0d%0aX: 1", "*", "-", "%F0%9F%92%A9"):
        refused(await say(api, user, name), 404, "NOT_FOUND")


async def test_two_words_at_once_are_both_kept_and_one_counts(
    api: httpx.AsyncClient, admin: Headers, user: Headers, tmp_path: Path
) -> None:
    request = await predicted(api, user)
    verdicts = [{"verdict": "agree"}, {"verdict": "unsure"}] * 10
    answers = await asyncio.gather(*(say(api, user, request, body) for body in verdicts))
    assert {answer.status_code for answer in answers} == {201}
    assert len(on_disk(tmp_path / "feedback")) == 20
    newest = max((answer.json() for answer in answers), key=lambda said: said["time"])
    assert await exported(api, admin) == [newest]


async def test_without_redis_predictions_go_on(
    app: FastAPI, api: httpx.AsyncClient, user: Headers, redis_server: RedisServer
) -> None:
    request, receipts = await predicted(api, user), app.state.gateway.receipts
    await receipts.stop()  # it is written
    redis_server.stop()
    await predicted(api, user)
    await receipts.stop()  # it is dropped
    answer = await say(api, user, request)
    assert "Redis" in refused(answer, 503, "FEEDBACK_UNAVAILABLE")["detail"]
    assert answer.headers["retry-after"]
    await predicted(api, user)
    assert await metric(api, "", 'feedback_receipts_dropped_total{reason="redis"}') > 0


async def test_with_a_full_disk_predictions_go_on(
    api: httpx.AsyncClient, admin: Headers, user: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    request = await predicted(api, user)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", full)
        body = refused(await say(api, user, request, DISAGREE), 503, "FEEDBACK_UNAVAILABLE")
        assert body["detail"] == "The feedback cannot be kept: No space left on device."
        await predicted(api, user)
        assert await exported(api, admin) == []
        assert "feedback_total{" not in (await api.get("/metrics")).text
    assert (await say(api, user, request, DISAGREE)).status_code == 201


async def test_what_is_asked_oddly_is_answered_or_refused(
    api: httpx.AsyncClient, admin: Headers, user: Headers
) -> None:
    await say(api, user, await predicted(api, user))
    for since in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-03-01", "1"):
        await exported(api, admin, since=since)
    for asked in ({"since": "yesterday"}, {"since": "1e999"}, {"notes": "perhaps"}, {"model": "x" * 257}):
        refused(await api.get("/api/feedback", params=asked, headers=admin), 422, "VALIDATION_ERROR")
