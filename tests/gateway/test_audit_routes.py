"""The audit log over the API: who may read it, what is shown, and a check that is asked for."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gateway import audit_check
from gateway.app import create_app
from gateway.audit_entry import AuditEntry
from gateway.audit_reader import AuditReader
from gateway.settings import GatewaySettings
from shared.audit.asked import Asked
from shared.audit.event import AuditEvent
from shared.audit.keys import audit_keys
from shared.errors import Overloaded
from tests.shared.audit.helpers import KEYS, FakeClock, event, open_store, write_log
from tests.support.accounts import NO_REDIS, settings
from tests.support.apps import running
from tests.support.people import SECRET_KEY, account, signed_in
from tests.support.processes import eventually

KEY_OF_THE_GATEWAY = audit_keys(SECRET_KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With lines of another gateway, from years ago."""
    folder = tmp_path / "audit"
    folder.mkdir()
    clock = FakeClock()
    store = open_store(folder, clock, KEY_OF_THE_GATEWAY, days=36500)
    store.write([event(clock, number, model="palm_disease" if number else "tumor") for number in range(5)])
    store.close()
    return folder


@pytest.fixture
def app(folder: Path) -> FastAPI:
    return create_app(of(folder))


def of(folder: Path, **others: Any) -> GatewaySettings:
    """Of a gateway that checks the log only when it is asked to."""
    values: dict[str, Any] = {"audit_log_retention_days": 36500, "audit_check_interval_s": 0, **others}
    return settings(NO_REDIS, folder.parent, **values)


@pytest_asyncio.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        client.headers.update(signed_in("admin"))
        yield client


async def flush(app: FastAPI) -> None:
    await app.state.gateway.trail.log.flush()


async def entries(api: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    answer = await api.get("/api/audit", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def test_pages_the_newest_first(api: httpx.AsyncClient, app: FastAPI) -> None:
    await flush(app)
    first = (await api.get("/api/audit", params={"limit": 3})).json()
    second = (await api.get("/api/audit", params={"limit": 500, "before": first["next"]})).json()
    assert [one["action"] for one in first["entries"]] == ["start", "predict", "predict"]
    assert [one["request_id"] for one in second["entries"]] == ["r2", "r1", "r0"]
    assert second["next"] is None
    assert first["entries"][1] | {"hash": ""} == AuditEntry(
        slot=1, seq=5, hash="", **event(FakeClock(), 4, model="palm_disease").model_dump()
    ).model_dump(mode="json")


async def test_who_reads_is_written_down(api: httpx.AsyncClient, app: FastAPI) -> None:
    await entries(api, model="tumor", subject="b" * 32)
    await api.get("/api/audit", headers=signed_in("clinician"))
    await flush(app)
    refused, read = await entries(api, limit="2")
    told = {key: read[key] for key in ("action", "outcome", "subject", "role", "model", "target")}
    assert told == {
        "action": "audit_read",
        "outcome": "ok",
        "subject": "a" * 32,
        "role": "admin",
        "model": "tumor",
        "target": "b" * 32,
    }
    assert (refused["action"], refused["outcome"], refused["role"]) == ("access", "FORBIDDEN", "clinician")


async def test_who_has_it_checked_is_written_down(api: httpx.AsyncClient, app: FastAPI) -> None:
    await api.post("/api/audit/check")
    await flush(app)
    (asked,) = await entries(api, action="audit_check")
    assert (asked["outcome"], asked["subject"], asked["role"]) == ("ok", "a" * 32, "admin")


@pytest.mark.parametrize("path", ["/api/audit", "/api/audit/check"])
async def test_it_is_for_administrators(api: httpx.AsyncClient, path: str) -> None:
    for role in ("viewer", "clinician"):
        assert (await api.get(path, headers=signed_in(role))).status_code == 403  # type: ignore[arg-type]
    assert (await api.get(path, headers={"Authorization": ""})).status_code == 401
    assert (await api.post("/api/audit/check", headers=signed_in("clinician"))).status_code == 403


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"model": "tumor"}, ["r0"]),
        ({"model": "palm", "limit": "2"}, ["r4", "r3"]),
        ({"model": "heart"}, []),
        ({"action": "predict", "request_id": "r1"}, ["r1"]),
        ({"action": "chat"}, []),
        ({"outcome": "RATE_LIMITED"}, []),
        ({"until": "2026-03-01T12:00:00.000001", "limit": "1"}, ["r4"]),
        ({"until": "2026-03-01T12:00:00"}, []),
        ({"since": "2026-03-01T13:00:00+01:00", "until": "2026-03-02T00:00:00Z", "model": "tumor"}, ["r0"]),
    ],
)
async def test_filters(api: httpx.AsyncClient, asked: dict[str, str], ids: list[str]) -> None:
    """A service's name means its model; a time without a zone is UTC."""
    assert [one["request_id"] for one in await entries(api, **asked)] == ids


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "everything"},
        {"outcome": "fine"},
        {"subject": "x" * 257},
        {"limit": "0"},
        {"limit": "501"},
        {"since": "yesterday"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"before": "../../etc/passwd"},
        {"before": "1-20269999-5"},
        {"before": "1-20260301-" + "9" * 16},
    ],
)
async def test_what_cannot_be_asked(api: httpx.AsyncClient, asked: dict[str, str]) -> None:
    answer = await api.get("/api/audit", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")
    assert next(iter(asked)) in answer.json()["detail"]


async def test_a_cursor_that_leads_nowhere(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/audit", params={"before": "7-20260301-99.1-20200101-5"})
    assert answer.json() == {"entries": [], "next": None}


async def test_damage_is_shown(api: httpx.AsyncClient, folder: Path) -> None:
    path = folder / "audit-1-2026-03-01.jsonl"
    raw = path.read_bytes().splitlines(keepends=True)
    changed = raw[1].replace(b"palm_disease", b"tumor")
    path.write_bytes(b"".join([raw[0], changed, b"{}\n", *raw[3:]]))
    found = [one for one in await entries(api) if one["problem"]]
    assert [(one["seq"], one["model"], one["problem"]) for one in found] == [
        (None, None, f"{path.name}, at byte {len(raw[0] + changed)}: is not in the form of this log"),
        (2, "tumor", "was changed after it was written"),
    ]


def test_a_signed_line_of_a_later_version_is_shown(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    store.write([event(clock).model_copy(update={"action": "teleport"})])
    store.close()
    (entry,) = AuditReader(tmp_path, KEYS)._read(Asked(), 9, None).entries
    assert (entry.seq, entry.action, entry.problem) == (1, None, "says what this version does not know")


def test_an_entry_has_all_that_an_event_has() -> None:
    assert AuditEvent.model_fields.keys() <= AuditEntry.model_fields.keys()


async def test_a_folder_that_is_gone(api: httpx.AsyncClient, folder: Path) -> None:
    os.rename(folder, folder.parent / "elsewhere")
    answer = await api.get("/api/audit")
    assert (answer.status_code, answer.json()["code"]) == (503, "AUDIT_UNAVAILABLE")
    assert str(folder) not in answer.text
    os.rename(folder.parent / "elsewhere", folder)
    assert (await api.get("/api/audit")).status_code == 200


async def test_one_page_is_read_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log(tmp_path)
    reader, inside = AuditReader(tmp_path, KEYS), []
    read = reader._read

    def noted(*asked: Any) -> Any:
        inside.append(1)
        assert len(inside) == 1
        try:
            return read(*asked)
        finally:
            inside.pop()

    monkeypatch.setattr(reader, "_read", noted)
    asked = [reader.page(Asked(), 2, None) for _ in range(12)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found].count(Overloaded) == 3
    assert sum(len(getattr(one, "entries", ())) for one in found) == 9 * 2
    reader.close()


async def test_without_a_lasting_key_no_signature_is_judged(folder: Path) -> None:
    app = create_app(of(folder, secret_key=None, doctorai_mode="local"))
    tokens = app.state.gateway.authenticator._tokens
    async with running(app) as api:
        api.headers["Authorization"] = f"Bearer {tokens.issue(account('admin'), session='b' * 32)}"
        told = (await api.get("/api/audit/check")).json()
        assert (told["intact"], told["running"]) == (None, False)
        assert "SECRET_KEY" in told["reason"]
        assert (await api.post("/api/audit/check")).status_code == 409
        assert {one["problem"] for one in await entries(api)} == {None}


async def until_checked(api: httpx.AsyncClient) -> dict[str, Any]:
    async def done() -> bool:
        return not (await api.get("/api/audit/check")).json()["running"]

    await eventually(done, 30)
    found: dict[str, Any] = (await api.get("/api/audit/check")).json()
    return found


async def test_a_check_that_is_asked_for(api: httpx.AsyncClient, folder: Path) -> None:
    before = (await api.get("/api/audit/check")).json()
    assert (before["intact"], before["checked_at"], before["reason"]) == (
        None,
        None,
        "the log has not been checked yet",
    )
    begun = await api.post("/api/audit/check")
    assert (begun.status_code, begun.json()["running"]) == (202, True)
    found = await until_checked(api)
    assert found.pop("lines") in (6, 7), "with the line of who asked, if that is on the disk already"
    assert found | {"checked_at": None} == {
        "intact": True,
        "checked_at": None,
        "slots": 1,
        "problems": [],
        "more": 0,
        "running": False,
        "reason": None,
    }
    path = folder / "audit-1-2026-03-01.jsonl"
    path.write_bytes(path.read_bytes().replace(b"tumor", b"xray", 1))
    await api.post("/api/audit/check")
    found = await until_checked(api)
    assert found["intact"] is False
    assert found["problems"] == [{"file": path.name, "line": 1, "what": "was changed after it was written"}]


async def test_asked_twice_at_once_one_runs(
    api: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = 0
    verify = app.state.gateway.audit_check._verify

    async def counted() -> Any:
        nonlocal started
        started += 1
        return await verify()

    monkeypatch.setattr(app.state.gateway.audit_check, "_verify", counted)
    answers = await asyncio.gather(*(api.post("/api/audit/check") for _ in range(3)))
    assert [answer.status_code for answer in answers] == [202] * 3
    await until_checked(api)
    assert started == 1


async def test_each_gateway_tells_what_any_found(api: httpx.AsyncClient, folder: Path) -> None:
    """Behind a balancer the one that is asked is not the one that checks."""
    async with running(create_app(of(folder))) as other:
        other.headers.update(signed_in("admin"))
        await other.post("/api/audit/check")
        assert (await api.get("/api/audit/check")).json()["running"] is True
        found = await until_checked(api)
        assert (found["intact"], found["slots"]) == (True, 2)
        assert found == await until_checked(other)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda said: said["check"].update(intact=False), "was changed after it was written"),
        (lambda said: said.update(kid="another"), "damaged, or signed with an unknown key"),
        (lambda said: said.pop("mac"), "damaged, or signed with an unknown key"),
    ],
)
async def test_a_forged_report_is_not_believed(api: httpx.AsyncClient, folder: Path, change: Any, reason: str) -> None:
    await api.post("/api/audit/check")
    await until_checked(api)
    path = folder / "check.json"
    said = json.loads(path.read_bytes())
    change(said)
    path.write_text(json.dumps(said), encoding="utf-8")
    found = (await api.get("/api/audit/check")).json()
    assert found["intact"] is None
    assert reason in found["reason"]


async def test_a_check_that_fails_says_so(
    api: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> Any:
        raise OSError(audit_check.UNREADABLE)

    with monkeypatch.context() as patch:
        patch.setattr(app.state.gateway.audit_check, "_verify", fails)
        await api.post("/api/audit/check")
        found = await until_checked(api)
        assert (found["intact"], found["reason"]) == (None, "the last check failed: the audit log cannot be read")
    await api.post("/api/audit/check")
    found = await until_checked(api)
    assert (found["intact"], found["reason"]) == (True, None)
