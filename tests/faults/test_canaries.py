"""What callers bring, of patients and of their own secrets, is nowhere afterwards: a run that greps everything."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, PngImagePlugin

from shared.audit.read import entries
from tests.conftest import REPOSITORY
from tests.faults.canaries import Canaries, left_behind
from tests.faults.raw import exchange
from tests.support.collector import Collector, collecting
from tests.support.processes import eventually
from tests.support.system import ADMIN_PASSWORD, SECRET_KEY, SERVICE_TOKEN, System, running_system
from tests.support.toy import write_toy_bundle

pytestmark = [pytest.mark.integration, pytest.mark.slow]
_DESCRIPTION, _ARTIST, _COPYRIGHT, _COMMENT = 0x010E, 0x013B, 0x8298, 0x9286


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collector: Collector) -> Path:
    """Where all the processes write, their temporary files, too; they log and trace all that they can."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    monkeypatch.setenv("RATE_LIMIT_SIGN_IN", "1000/minute")
    return tmp_path


@pytest.fixture
def system(folder: Path) -> Iterator[System]:
    """A toy, and the real chatbot."""
    write_toy_bundle(folder / "models")
    (folder / "models" / "chatbot").symlink_to(REPOSITORY / "models" / "chatbot")
    modules = {"toy": "tests.support.toy_service", "chatbot": "services.chatbot"}
    with running_system(folder, modules, folder / "models") as found:
        yield found


async def test_nothing_of_a_patient_or_a_secret_is_left_anywhere(
    system: System, folder: Path, collector: Collector
) -> None:
    canary = Canaries()
    for what, word in (("admin's password", ADMIN_PASSWORD), ("SECRET_KEY", SECRET_KEY), ("token", SERVICE_TOKEN)):
        canary.add(what, word)
    canary.add("API key", system.key.split("_", 2)[2])
    async with system.client() as api:
        for model in ("toy", "chatbot"):
            await system.until(api, model, is_ready=True, timeout_s=60)
        await upload(api, canary)
        await upload_badly(api, canary)
        await say(api, canary)
        await infer(api, canary)
        await chat(api, canary)
        await sign_in(system, api, canary)
        await show_credentials(system, canary)
        await hang_up(system, canary)
        await everything_is_written(system, folder)
        await everything_is_traced(collector)
        found = {where: what async for where, data in left_behind(system, folder) if (what := canary.found_in(data))}
    assert found == {}
    assert canary.found_in(b"".join(collector.raw)) == []
    assert not [path for path in (folder / "tmp").rglob("*") if path.is_file()], "no upload touches the disk"


async def test_an_error_that_nobody_expected_leaves_no_words(folder: Path, collector: Collector) -> None:
    """The caller's words are in its message, in its cause's, in its notes, in its variables."""
    canary = Canaries()
    write_toy_bundle(folder / "models")
    with running_system(folder, {"toy": "tests.support.failing_service"}, folder / "models") as system:
        toy = system.services["toy"]
        headers = {"X-Service-Token": SERVICE_TOKEN, "traceparent": f"00-{'4' * 32}-{'2' * 16}-01"}
        async with httpx.AsyncClient(headers=headers) as client:
            for way in ("message", "validation", "thread", "task"):
                answer = await client.post(f"{toy.url}/fail/{way}", content=canary[way])
                assert answer.status_code == 500
                assert canary.found_in(answer.content) == []

            async def traced() -> bool:
                return sum(span.name == "POST /fail/{way}" for span in collector.spans) == 4

            await eventually(traced, 10)
        log = toy.log.read_bytes()
        assert log.count(b'"unexpected_error"') == 4
        assert b"ValidationError" in log
        assert log.count(b'"uncaught_error"') == 1
        assert b"Task exception was never retrieved" in log
        found = {where: what async for where, data in left_behind(system, folder) if (what := canary.found_in(data))}
    assert found == {}
    assert canary.found_in(b"".join(collector.raw)) == []


async def upload(api: httpx.AsyncClient, canary: Canaries) -> None:
    for data in (picture_png(canary), picture_jpeg(canary)):
        answer = await api.post(
            f"/api/predict/toy?patient={canary['query string']}",
            files={"file": (f"{canary['file name']}.png", data)},
            headers={
                "User-Agent": canary["user agent"],
                "Referer": f"https://example.org/{canary['referer']}",
                "Cookie": f"session={canary['cookie']}",
                "Idempotency-Key": canary["idempotency key"] + str(len(data)),
                "X-Forwarded-For": canary["forwarded for"],
                "X-Patient": canary["header"],
                "traceparent": f"00-{canary['trace']}-{canary['span']}-01",
                "tracestate": f"vendor={canary['trace state']}",
                "baggage": f"patient={canary['baggage']}",
                "Host": canary["host"],
            },
        )
        assert answer.status_code == 200, answer.text


def picture_png(canary: Canaries) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Patient", canary["PNG text"])
    texts.add_text("Report", canary["packed PNG text"], zip=True)
    texts.add_itxt("Comment", canary["PNG international text"])
    return _encode("PNG", pnginfo=texts)


def picture_jpeg(canary: Canaries) -> bytes:
    exif = Image.Exif()
    for tag, what in ((_DESCRIPTION, "EXIF"), (_ARTIST, "EXIF artist"), (_COPYRIGHT, "EXIF copyright")):
        exif[tag] = canary[what]
    exif.get_ifd(0x8769)[_COMMENT] = canary["EXIF comment"].encode()
    return _encode("JPEG", exif=exif, comment=canary["JPEG comment"].encode())


def _encode(kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (230, 20, 20)).save(buffer, kind, **options)
    return buffer.getvalue()


def refused(answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text


async def upload_badly(api: httpx.AsyncClient, canary: Canaries) -> None:
    """Each is refused, by the gateway or by the service; no refusal may keep what it was about."""
    png, name = picture_png(canary), canary["name of a bad file"]
    bad = (png[:80], png[:-30], b"\xff\xd8\xff" + canary["no JPEG"].encode(), canary["text file"].encode())
    for data in bad:
        answer = await api.post("/api/predict/toy", files={"file": (name, data)})
        refused(answer)
    forms: list[dict[str, Any]] = [
        {"data": {"file": canary["text field"]}},
        {"files": {canary["field's name"]: (name, png)}},
        {"files": [("file", (name, png)), ("file", (name, png))]},
        {"content": canary["no form"].encode(), "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": f'["{canary["no number"]}"]'.encode(), "headers": {"Content-Type": "application/json"}},
    ]
    for form in forms:
        refused(await api.post("/api/predict/toy", **form))
    for path in (f"/api/predict/{canary['model']}", f"/api/{canary['path']}", f"/v2/models/{canary['v2 model']}/infer"):
        refused(await api.post(path, files={"file": (name, png)}))


async def say(api: httpx.AsyncClient, canary: Canaries) -> None:
    """A note is sealed, and what is refused is not kept."""
    upload = {"file": ("a.png", picture_png(canary))}
    request = (await api.post("/api/predict/toy", files=upload)).raise_for_status().json()["request_id"]
    path = f"/api/predictions/{request}/feedback"
    kept = await api.post(path, json={"verdict": "unsure", "note": f"{canary['note']} has a tumour"})
    assert kept.status_code == 201, kept.text
    bad: tuple[dict[str, Any], ...] = (
        {"verdict": canary["verdict"]},
        {"verdict": "disagree", "label": canary["label"], "note": canary["note of a bad label"]},
        {"verdict": "agree", "note": canary["long note"] * 200},
        {"verdict": "agree", canary["field of feedback"]: canary["value of it"]},
    )
    for body in bad:
        refused(await api.post(path, json=body))
    refused(await api.post(path, content=canary["no feedback"]))
    refused(await api.post(f"/api/predictions/{canary['prediction']}/feedback", json={"verdict": "agree"}))


async def infer(api: httpx.AsyncClient, canary: Canaries) -> None:
    """Open Inference Protocol: names and ids are the caller's to choose."""
    tensor = {"name": canary["tensor"], "shape": [1], "datatype": "BYTES", "data": [canary["tensor's data"]]}
    body = {"id": canary["inference id"], "parameters": {"patient": canary["parameter"]}, "inputs": [tensor]}
    answer = await api.post("/v2/models/toy/infer", json=body)
    refused(answer)
    refused(await api.post("/v2/models/toy/infer", content=canary["no inference"]))


async def chat(api: httpx.AsyncClient, canary: Canaries) -> None:
    session = canary["session"]
    for _ in range(2):
        message = {"message": f"{canary['message']} has a migraine", "session_id": session}
        headers = {"Idempotency-Key": canary["key of a chat"]}
        answer = await api.post(f"/api/chatbot?who={canary['query of a chat']}", json=message, headers=headers)
        assert answer.status_code == 200, answer.text
    assert (
        await api.post("/api/chatbot", json={"message": "Is it dangerous?", "session_id": session})
    ).status_code == 200
    turns = [{"role": "user", "content": canary["earlier turn"]}, {"role": "user", "content": canary["last turn"]}]
    completion = await api.post(
        "/v1/chat/completions", json={"model": "chatbot", "messages": turns, "user": canary["user"]}
    )
    assert completion.status_code == 200
    bad: tuple[dict[str, Any], ...] = (
        {"message": {"text": canary["message of another shape"]}},
        {"message": canary["long message"] * 1000},
        {"message": "x", "session_id": canary["bad session"] + " !"},
        {"message": "x", "language": canary["language"]},
    )
    for body in bad:
        refused(await api.post("/api/chatbot", json=body))
    refused(await api.post("/api/chatbot", content=canary["no JSON"]))
    assert (await api.delete(f"/api/chatbot/{canary['forgotten session']}")).status_code == 204


async def sign_in(system: System, api: httpx.AsyncClient, canary: Canaries) -> None:
    """Right and wrong; the name is as often a password typed into the wrong field."""
    admin = system.sign_in()
    canary.add("access token", admin["Authorization"].rpartition(".")[2])
    user = {"username": "somebody", "password": canary["password"] + " of an account", "role": "viewer"}
    assert (await api.post("/api/users", json=user, headers=admin)).status_code == 201
    pair = (await api.post("/api/token", data={**user, "grant_type": "password"})).raise_for_status().json()
    canary.add("refresh token", pair["refresh_token"].split("_", 2)[2])
    again = await api.post("/api/token/refresh", data={"refresh_token": pair["refresh_token"]})
    canary.add("next refresh token", again.raise_for_status().json()["refresh_token"].split("_", 2)[2])
    await open_page(system, user, canary)
    tries: tuple[dict[str, str], ...] = (
        {"username": "somebody", "password": canary["wrong password"]},
        {"username": canary["user name"], "password": canary["password of nobody"]},
        {"username": canary["long user name"] * 20, "password": "x"},
        {"username": "somebody", "password": canary["long password"] * 400},
        {"username": "somebody", "password": "x", "grant_type": canary["grant type"]},
        {"user": canary["field of another name"]},
    )
    for form in tries:
        refused(await api.post("/api/token", data=form))
    refused(await api.post("/api/token/refresh", data={"refresh_token": canary["no refresh token"]}))
    bad_user = {"username": f"{canary['bad user name']} x", "password": canary["short"][:8], "role": canary["role"]}
    refused(await api.post("/api/users", json=bad_user, headers=admin))
    refused(await api.delete(f"/api/users/{canary['user in a path']}", headers=admin))


async def open_page(system: System, user: dict[str, str], canary: Canaries) -> None:
    """The cookies of a page's session, good and bad ones."""
    async with httpx.AsyncClient(base_url=system.url, headers={"X-DoctorAI-Page": "1"}) as page:
        (await page.post("/api/session", data=user)).raise_for_status()
        for what in ("session's cookie", "next cookie"):
            canary.add(what, page.cookies["doctorai_session"].split("_", 2)[2])
            (await page.post("/api/session/refresh")).raise_for_status()
        assert (await page.delete("/api/session")).status_code == 204
        for cookie in (canary["bad cookie"], f"dar_{'0' * 32}_{canary['unknown cookie'] * 3}"[:80]):
            refused(await page.post("/api/session/refresh", headers={"Cookie": f"doctorai_session={cookie}"}))
            await page.delete("/api/session", headers={"Cookie": f"doctorai_session={cookie}"})


async def show_credentials(system: System, canary: Canaries) -> None:
    shown = (
        {"Authorization": f"Bearer {canary['bearer']}"},
        {"Authorization": f"Basic {canary['basic']}"},
        {"Authorization": f"Bearer dai_{'0' * 32}_{canary['unknown key'] * 2}"[:84]},
        {"X-API-Key": canary["key"]},
        {"X-Service-Token": canary["service token"]},
    )
    async with httpx.AsyncClient() as client:
        for headers in shown:
            refused(await client.get(f"{system.url}/api/me", headers=headers))
            refused(await client.post(f"{system.services['toy'].url}/predict", headers=headers))


async def hang_up(system: System, canary: Canaries) -> None:
    """In the middle of a head, of a body, of the work."""
    start = f"POST /api/predict/toy?x={canary['query of one who hung up']} HTTP/1.1\r\nHost: x\r\n"
    allowed = f"Authorization: Bearer {system.key}\r\nContent-Type: image/png\r\n"
    half = canary["half a body"]
    for parts in ((start, f"X-A: {canary['half a header']}"), (start, allowed, "Content-Length: 999\r\n\r\n", half)):
        await exchange(system.gateway.port, *parts, patience_s=0.2)
    await exchange(system.gateway.port, f"GET /{canary['no HTTP']} HTTP/9\r\nX : {canary['bad header']}\r\n\r\n")


async def everything_is_traced(collector: Collector) -> None:
    """Spans of every kind have come, from every process."""
    wanted = {"queue", "decode", "inference", "answer", "cache", "POST /predict", "POST /api/token", "POST /chat"}

    async def come() -> bool:
        return wanted <= {span.name for span in collector.spans}

    await eventually(come, 10)


async def everything_is_written(system: System, folder: Path) -> None:
    """The audit log and Redis's file are a little behind."""

    async def written() -> bool:
        actions = {entry.line.event["action"] for entry in entries(system.audit)}
        return {
            "predict",
            "feedback",
            "infer",
            "chat",
            "chat_forget",
            "sign_in",
            "user_create",
        } <= actions and b"somebody" in aof()

    def aof() -> bytes:
        return b"".join(path.read_bytes() for path in folder.rglob("appendonly*") if path.is_file())

    await eventually(written, 10)
