"""Versions over HTTP: for administrators, of any instance that answers, in the audit log whatever comes of it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from gateway.routes.versions import ModelVersions
from gateway.routing.wire import HttpxWire
from tests.gateway.faked import Faked, problem
from tests.support.instances import instance
from tests.support.people import signed_in

TOLD: dict[str, Any] = {
    "service": "xray",
    "active": "1.1.0",
    "previous": "1.0.0",
    "canary": None,
    "shadow": None,
    "pinned": None,
    "writable": True,
    "why_not": None,
    "versions": [{"version": "1.1.0", "created": "2026-11-24T00:00:00Z", "whole": True, "problem": None}],
}


@pytest.fixture
def told(fake: Faked) -> Faked:
    """Its services tell and change what ``TOLD`` says; an administrator's token stands by its signature."""
    for path in ("/versions", "/versions/activate"):
        fake.answers[path] = httpx.Response(200, json=TOLD)
    fake.state.monitor.fleet.add(instance("xray-2", version="1.0.0", notice="version 1.1.0 is not served: …"))
    fake.api.headers.update(signed_in("admin"))
    return fake


async def activate(fake: Faked, version: str = "1.1.0", model: str = "xray", **headers: str) -> httpx.Response:
    return await fake.api.post(f"/api/models/{model}/activate", json={"version": version}, headers=headers)


async def last_line(fake: Faked) -> tuple[Any, ...]:
    line = (await fake.audited())[-1]
    return line["action"], line["outcome"], line.get("model"), line.get("target"), line["role"]


async def test_what_there_is_and_what_each_instance_serves(told: Faked) -> None:
    answer = await told.api.get("/api/models/xray/versions")
    assert answer.status_code == 200, answer.text
    found = ModelVersions.model_validate(answer.json())
    assert (found.model, found.active, found.versions[0].version) == ("xray", "1.1.0", "1.1.0")
    assert [(one.id, one.version, one.notice) for one in found.instances] == [
        ("xray-1", "1.0.0", None),
        ("xray-2", "1.0.0", "version 1.1.0 is not served: …"),
    ]


async def test_activate_and_rollback(told: Faked) -> None:
    answer = await activate(told)
    assert (answer.status_code, answer.json()["active"]) == (202, "1.1.0")
    assert told.asked[-1][1] == "/versions/activate"
    assert await last_line(told) == ("model_activate", "ok", "xray", "1.1.0", "admin")
    answer = await told.api.post("/api/models/xray/rollback")
    assert (answer.status_code, len(answer.json()["instances"])) == (202, 2)
    assert [path for _, path in told.asked[-2:]] == ["/versions", "/versions/activate"]
    assert await last_line(told) == ("model_rollback", "ok", "xray", "1.0.0", "admin")


async def test_a_rollback_whose_answer_is_lost_is_not_undone(told: Faked) -> None:
    """What is sent again after a fault is sent to a service that did it already."""
    chosen = {"active": "1.1.0", "previous": "1.0.0"}
    sent: list[str] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            version = json.loads(request.content)["version"] if request.content else chosen["previous"]
            sent.append(version)
            if version != chosen["active"]:
                chosen.update(active=version, previous=chosen["active"])
            if len(sent) == 1:
                raise httpx.ReadError("reset by peer")
        return httpx.Response(200, json=TOLD | chosen)

    told.state.upstream._wire = HttpxWire(httpx.MockTransport(serve))
    answer = await told.api.post("/api/models/xray/rollback")
    assert (answer.status_code, answer.json()["active"], answer.json()["previous"]) == (202, "1.0.0", "1.1.0")
    assert sent == ["1.0.0", "1.0.0"]
    assert await last_line(told) == ("model_rollback", "ok", "xray", "1.0.0", "admin")


@pytest.mark.parametrize(("given", "sent"), [({}, "b-2"), ({"revision": "a-1"}, "a-1"), ({"revision": ""}, "")])
async def test_it_replaces_what_was_looked_at(told: Faked, given: dict[str, str], sent: str) -> None:
    bodies: list[dict[str, str]] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            bodies.append(json.loads(request.content))
        return httpx.Response(200, json=TOLD | {"revision": "b-2"})

    told.state.upstream._wire = HttpxWire(httpx.MockTransport(serve))
    answer = await told.api.post("/api/models/xray/activate", json={"version": "1.1.0"} | given)
    assert (answer.status_code, answer.json()["revision"]) == (202, "b-2")
    await told.api.post("/api/models/xray/rollback")
    assert bodies == [{"version": "1.1.0", "revision": sent}, {"version": "1.0.0", "revision": "b-2"}]


async def test_a_rollback_that_fails_is_audited_with_what_was_wanted(told: Faked) -> None:
    told.answers["/versions/activate"] = problem(409, "CONFLICT")
    assert (await told.api.post("/api/models/xray/rollback")).status_code == 409
    assert await last_line(told) == ("model_rollback", "CONFLICT", "xray", "1.0.0", "admin")


async def test_nothing_to_go_back_to(told: Faked) -> None:
    told.answers["/versions"] = httpx.Response(200, json=TOLD | {"previous": None})
    answer = await told.api.post("/api/models/xray/rollback")
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert answer.json()["detail"] == "Nothing of xray was active before."
    assert "/versions/activate" not in [path for _, path in told.asked]


@pytest.mark.parametrize(("status", "code"), [(404, "NOT_FOUND"), (409, "CONFLICT")])
async def test_what_the_service_refuses_is_the_answer(told: Faked, status: int, code: str) -> None:
    told.answers["/versions/activate"] = problem(status, code)
    answer = await activate(told)
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (status, code, "why")
    assert await last_line(told) == ("model_activate", code, "xray", "1.1.0", "admin")
    assert (await told.api.post("/api/models/xray/rollback")).status_code == status
    assert await last_line(told) == ("model_rollback", code, "xray", "1.0.0", "admin")


@pytest.mark.parametrize("role", ["viewer", "clinician"])
async def test_nobody_else_may(told: Faked, role: Any) -> None:
    for method, path in (("GET", "versions"), ("POST", "activate"), ("POST", "rollback")):
        body = {"json": {"version": "1.1.0"}} if path == "activate" else {}
        answer = await told.api.request(method, f"/api/models/xray/{path}", headers=signed_in(role), **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        assert (await last_line(told))[:2] == ("access", "FORBIDDEN")
    assert told.asked == []


@pytest.mark.parametrize("version", ["latest", "1.0", "../../1.0.0", "1.0.0/../2.0.0", "１.0.0", f"1.0.{'0' * 300}"])
async def test_what_is_no_version_reaches_no_service(told: Faked, version: str) -> None:
    answer = await activate(told, version)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")
    assert told.asked == []


async def test_no_such_model(told: Faked) -> None:
    answer = await activate(told, model="heart")
    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_MODEL")


async def test_switched_off(told: Faked) -> None:
    object.__setattr__(told.state, "settings", told.state.settings.model_copy(update={"versions_over_http": False}))
    answer = await activate(told)
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert "VERSIONS_OVER_HTTP is false" in answer.json()["detail"]
    assert "`doctorai models activate xray 1.1.0`" in answer.json()["detail"]
    assert await last_line(told) == ("model_activate", "CONFLICT", "xray", "1.1.0", "admin")
    back = await told.api.post("/api/models/xray/rollback")
    assert "`doctorai models rollback xray`" in back.json()["detail"]
    assert told.asked == []
    found = (await told.api.get("/api/models/xray/versions")).json()
    assert (found["writable"], "VERSIONS_OVER_HTTP" in found["why_not"]) == (False, True)


async def test_an_instance_that_is_not_ready_can_be_helped(told: Faked) -> None:
    """Else a choice that no instance can serve could not be taken back."""
    for identifier in ("xray-1", "xray-2"):
        told.state.monitor.fleet.add(instance(identifier, ready=False, reason="its files do not match"))
    assert (await told.predict()).status_code == 503
    assert (await activate(told, "1.0.0")).status_code == 202


async def test_none_that_answers_is_503(told: Faked) -> None:
    for member in told.state.monitor.fleet.of("xray"):
        member.failing = "does not answer"
    for answer in (await activate(told), await told.api.get("/api/models/xray/versions")):
        assert (answer.status_code, answer.json()["code"]) == (503, "MODEL_UNAVAILABLE")
    assert (await last_line(told))[1] == "MODEL_UNAVAILABLE"


async def test_an_answer_of_another_shape_is_not_passed_on(told: Faked) -> None:
    told.answers["/versions"] = httpx.Response(200, json={"service": "xray"})
    answer = await told.api.get("/api/models/xray/versions")
    assert (answer.status_code, answer.json()["code"]) == (503, "MODEL_UNAVAILABLE")
