"""What fires, as the page is told: from a real Alertmanager, and from those that are slow, large, broken or hostile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import alerts
from gateway.alerts import Alerts, AlertsBoard
from gateway.app import create_app
from tests.conftest import REPOSITORY
from tests.support.accounts import NO_REDIS, settings
from tests.support.apps import running
from tests.support.people import signed_in
from tests.support.processes import eventually
from tests.support.prometheus import alertmanager

NOBODY = REPOSITORY / "deploy" / "alertmanager" / "alertmanager.yml"
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def told(name: str = "ModelUnavailable", **changes: Any) -> dict[str, Any]:
    """An alert as Alertmanager tells it."""
    return {
        "labels": {"alertname": name, "severity": "critical"},
        "annotations": {"summary": "s", "description": "d"},
        "startsAt": "2026-11-24T12:00:00Z",
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        **changes,
    }


def said(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)

    return answer


@asynccontextmanager
async def board(answer: Answer, path: str = "") -> AsyncIterator[AlertsBoard]:
    """One that asks a server which does ``answer``."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
            await writer.drain()
        except OSError:
            """The gateway has turned away."""
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, httpx.AsyncClient(trust_env=False) as client:
        yield AlertsBoard(client, f"http://127.0.0.1:{port}{path}")


async def shown(*alerts: dict[str, Any]) -> Alerts:
    async with board(said(json.dumps(alerts).encode())) as found:
        return await found.alerts()


async def test_what_a_real_one_says(tmp_path: Path) -> None:
    with alertmanager(tmp_path, NOBODY) as port:
        url = f"http://127.0.0.1:{port}"
        app = create_app(settings(NO_REDIS, tmp_path, alertmanager_api_url=f"{url}/"))
        async with running(app) as api, httpx.AsyncClient(base_url=url) as manager:
            api.headers.update(signed_in("viewer"))
            await eventually(lambda: _is_ready(manager), 20)
            await _fire(manager)
            answer = await api.get("/api/alerts")
    found = answer.json()
    assert (found["configured"], found["reachable"]) == (True, True)
    assert [(one["name"], one["severity"], one["silenced"]) for one in found["alerts"]] == [
        ("GatewayDown", "critical", False),
        ("DiskFilling", "warning", True),
        ("Watchdog", "none", False),
    ], "ModelUnavailable is inhibited by GatewayDown"
    filling = found["alerts"][1]
    assert filling | {"since": ""} == {
        "name": "DiskFilling",
        "severity": "warning",
        "summary": "the audit log's disk fills",
        "description": "",
        "model": "xray",
        "since": "",
        "silenced": True,
        "runbook": "https://books.test/DiskFilling.md",
        "dashboard": None,
    }
    assert abs(datetime.fromisoformat(filling["since"]) - datetime.now(UTC)) < timedelta(minutes=1)


async def _is_ready(manager: httpx.AsyncClient) -> bool:
    return (await manager.get("/-/ready")).is_success


async def _fire(manager: httpx.AsyncClient) -> None:
    """Four alerts, of which one is silenced, and one follows from another."""
    now = datetime.now(UTC)
    lasts = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    texts = {"summary": "the audit log's disk fills", "runbook_url": "https://books.test/DiskFilling.md"}
    fired = [
        {"labels": {"alertname": "Watchdog", "severity": "none"}},
        {"labels": {"alertname": "DiskFilling", "severity": "warning", "model": "xray"}, "annotations": texts},
        {"labels": {"alertname": "ModelUnavailable", "severity": "critical", "model": "tumor"}},
        {"labels": {"alertname": "GatewayDown", "severity": "critical"}},
    ]
    silence = {
        "matchers": [{"name": "alertname", "value": "DiskFilling", "isRegex": False}],
        **lasts,
        "createdBy": "a test",
        "comment": "known",
    }
    (await manager.post("/api/v2/silences", json=silence)).raise_for_status()
    (await manager.post("/api/v2/alerts", json=[one | lasts for one in fired])).raise_for_status()

    async def settled() -> bool:
        """The silence and the inhibition take a moment."""
        found = (await manager.get("/api/v2/alerts")).json()
        states = {one["labels"]["alertname"]: one["status"]["state"] for one in found}
        return [states.get(name) for name in ("DiskFilling", "ModelUnavailable")] == ["suppressed"] * 2

    await eventually(settled, 20)


async def test_none_is_configured(tmp_path: Path) -> None:
    async with running(create_app(settings(NO_REDIS, tmp_path))) as api:
        answer = await api.get("/api/alerts", headers=signed_in("viewer"))
        assert answer.json() == {"configured": False, "reachable": None, "alerts": []}
        assert (await api.get("/api/alerts")).status_code == 401


async def test_a_path_a_name_and_a_password_in_the_address() -> None:
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    async with board(answer, "/alertmanager/") as found:
        found._url = str(found._url).replace("//", "//page:secret@")
        assert (await found.alerts()).reachable
    assert heard[0].startswith(b"GET /alertmanager/api/v2/alerts?active=true&silenced=true&inhibited=false HTTP/1.1")
    assert b"authorization: basic cgfnztpzzwnyzxq=" in heard[0].lower()


async def test_nobody_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with httpx.AsyncClient() as client:
        found = AlertsBoard(client, "http://page:secret@127.0.0.1:1")
        for _ in range(2):
            assert await found.alerts() == Alerts(configured=True, reachable=False, alerts=[])
            found._asked_at = -1e9
    logged = capsys.readouterr()
    assert (logged.out + logged.err).count("alertmanager_not_reachable") == 1, "once, not for each look"
    assert "secret" not in logged.out + logged.err


@pytest.mark.parametrize(
    "answer",
    [
        said(b"", b"HTTP/1.1 500 Internal Server Error"),
        said(b"", b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/"),
        said(b"<html>a sign-in</html>"),
        said(b'{"status": "success"}'),
        said(b'[{"labels": {"alertname": 5}}]'),
        said(b"[" * 1_000_000),
        said(b'[{"labels": {}, "startsAt": "2026-11-24T12:00:00"}]'),
        said(b" " * 5_000_000 + b"[]"),
        said(b"[]", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX: " + b"x" * 200_000),
        said(b"", b"\x00\x01 garbage"),
    ],
    ids=["500", "redirect", "html", "object", "types", "deep", "no-zone", "huge", "header", "garbage"],
)
async def test_what_is_not_an_answer(answer: Answer) -> None:
    async with board(answer) as found:
        assert await found.alerts() == Alerts(configured=True, reachable=False, alerts=[])


async def test_one_that_hangs_and_one_that_trickles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_WITHIN_S", 0.3)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    for answer in (hang, trickle):
        async with board(answer) as found, asyncio.timeout(5):
            assert (await found.alerts()).reachable is False


async def test_many_who_look_ask_once_and_again_after_a_while() -> None:
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await said(b"[]")(reader, writer)

    async with board(answer) as found:
        await asyncio.gather(*(found.alerts() for _ in range(50)))
        assert asked == 1
        found._asked_at -= alerts._FRESH_S
        await found.alerts()
        assert asked == 2


async def test_a_caller_who_leaves_disturbs_nobody() -> None:
    go = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        await said(b"[]")(reader, writer)

    async with board(answer) as found:
        first, second = asyncio.create_task(found.alerts()), asyncio.create_task(found.alerts())
        await asyncio.sleep(0)
        first.cancel()
        go.set()
        assert (await second).reachable is True


async def test_the_worst_first_and_a_hundred_at_most() -> None:
    severities = ["info", "none", "page", "warning", "critical"]
    many = [
        told(f"A{number}", labels={"alertname": f"A{number}", "severity": severities[number % 5]})
        for number in range(300)
    ]
    found = (await shown(*many)).alerts
    assert [alert.severity for alert in found] == ["critical"] * 60 + ["warning"] * 40


async def test_long_words_are_cut_and_only_links_to_pages_are_kept() -> None:
    texts = {"summary": "s" * 9000, "description": "<script>" * 999, "runbook_url": "javascript:alert(1)"}
    (first, second) = (
        await shown(
            told("A" * 9000, annotations=texts | {"dashboard": "https://g.test/" + "x" * 3000}),
            told("B", annotations={"runbook_url": "http://[::1", "dashboard": "http://g.test/d/1?var-model=xray"}),
        )
    ).alerts
    assert (len(first.name), len(first.summary), len(first.description)) == (128, 1000, 1000)
    assert (first.runbook, first.dashboard) == (None, None)
    assert (second.runbook, second.dashboard) == (None, "http://g.test/d/1?var-model=xray")
    assert (second.summary, second.model) == ("", None)
