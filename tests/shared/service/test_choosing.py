"""An administrator chooses a version over the network: the service does what the command line does."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from shared.catalogue import Catalogue
from shared.http.credential import HEADER as CREDENTIAL
from shared.http.deadline import HEADER as DEADLINE
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.versions import SERVING, Canary, ServiceVersions, Serving, read_serving
from tests.shared.service.rolled import Toy, choose, load, said, until
from tests.support.apps import running, until_ready
from tests.support.toy import TOY, write_toy_bundle
from tests.support.versions import write_version


async def told(client: httpx.AsyncClient) -> ServiceVersions:
    answer = await client.get("/versions")
    assert answer.status_code == 200, answer.text
    return ServiceVersions.model_validate(answer.json())


async def activate(client: httpx.AsyncClient, version: str, **headers: str) -> httpx.Response:
    return await client.post("/versions/activate", json={"version": version}, headers=headers)


async def serves(client: httpx.AsyncClient, version: str) -> dict[str, Any]:
    return await until(client, lambda seen: seen["ready"] and seen["version"] == version)


async def test_what_there_is(toy: Toy) -> None:
    app, client = toy
    choose(app.state.service.settings.model_path, canary=Canary(version="1.1.0", share=0.5), shadow="1.1.0")
    found = await told(client)
    assert (found.service, found.active, found.previous, found.pinned) == ("toy", "1.0.0", None, None)
    assert (found.canary, found.shadow) == (Canary(version="1.1.0", share=0.5), "1.1.0")
    assert (found.writable, found.why_not) == (True, None)
    assert [(one.version, one.whole, one.problem) for one in found.versions] == [
        ("1.1.0", True, None),
        ("1.0.0", True, None),
    ]


async def test_there_and_back_again_under_load(toy: Toy) -> None:
    _, client = toy
    async with load(client) as answers:
        chosen = await activate(client, "1.1.0")
        assert chosen.status_code == 200, chosen.text
        assert (chosen.json()["active"], chosen.json()["previous"]) == ("1.1.0", "1.0.0")
        await serves(client, "1.1.0")
        assert (await activate(client, "1.0.0")).json()["previous"] == "1.1.0"
        await serves(client, "1.0.0")
    assert {one["model_version"] for one in answers} == {"1.0.0", "1.1.0"}
    assert (await said(client))["model_version"] == "1.0.0"


async def test_a_version_that_is_not_there(toy: Toy) -> None:
    app, client = toy
    answer = await activate(client, "9.9.9")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert "1.1.0, 1.0.0" in answer.json()["detail"]
    assert read_serving(app.state.service.settings.model_path, "toy") == Serving(active="1.0.0")


@pytest.mark.parametrize("version", ["../1.0.0", "1.0", "latest", ""])
async def test_what_is_no_version(toy: Toy, version: str) -> None:
    answer = await activate(toy[1], version)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")


async def test_a_broken_bundle_is_refused_and_told(toy: Toy) -> None:
    app, client = toy
    models = app.state.service.settings.model_path
    (models / "toy" / "1.1.0" / "model.tflite").write_bytes(b"cut short")
    answer = await activate(client, "1.1.0")
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert "model.tflite does not match its checksum" in answer.json()["detail"]
    assert read_serving(models, "toy") == Serving(active="1.0.0")
    broken = (await told(client)).versions[0]
    assert (broken.version, broken.whole) == ("1.1.0", False)
    assert "checksum" in (broken.problem or "")


async def test_what_the_environment_pins_is_not_changed(models: Path, settings: ServiceSettings) -> None:
    async with running(create_app(TOY, settings.model_copy(update={"model_version": "1.1.0"}))) as client:
        await until_ready(client)
        found = await told(client)
        assert (found.active, found.pinned, found.writable) == ("1.1.0", "1.1.0", False)
        answer = await activate(client, "1.0.0")
    assert answer.status_code == 409
    assert "MODEL_VERSION=1.1.0" in answer.json()["detail"]
    assert read_serving(models, "toy") == Serving(active="1.0.0")


async def test_models_that_can_only_be_read(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = toy
    monkeypatch.setattr("shared.catalogue.os.access", lambda *_: False)
    found = await told(client)
    assert not found.writable
    assert "`doctorai models activate toy VERSION`" in (found.why_not or "")
    answer = await activate(client, "1.1.0")
    assert answer.status_code == 409
    assert "`doctorai models activate toy 1.1.0`" in answer.json()["detail"]


async def test_a_disk_that_refuses_after_all(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    app, client = toy

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shared.files.tempfile.mkstemp", refuse)
    answer = await activate(client, "1.1.0")
    assert answer.status_code == 409
    assert "No space left on device" in answer.json()["detail"]
    assert read_serving(app.state.service.settings.model_path, "toy") == Serving(active="1.0.0")


async def test_nothing_is_chosen_for_a_caller_who_was_told_that_it_is_too_late(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, client = toy
    monkeypatch.setattr(Catalogue, "check", lambda *_: time.sleep(0.1))
    answer = await activate(client, "1.1.0", **{DEADLINE: "50"})
    assert (answer.status_code, answer.json()["code"]) == (504, "TIMEOUT")
    assert read_serving(app.state.service.settings.model_path, "toy") == Serving(active="1.0.0")


async def test_what_was_looked_at_and_nothing_later_is_replaced(toy: Toy) -> None:
    _, client = toy
    seen = (await told(client)).revision
    assert (await activate(client, "1.1.0")).json()["revision"] != seen
    answer = await client.post("/versions/activate", json={"version": "1.0.0", "revision": seen})
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert "chosen meanwhile" in answer.json()["detail"]
    again = await client.post("/versions/activate", json={"version": "1.1.0", "revision": seen})
    assert (again.status_code, again.json()["active"]) == (200, "1.1.0")


async def test_choices_in_a_folder_of_their_own(models: Path, settings: ServiceSettings, tmp_path: Path) -> None:
    """As in containers, where the weights can only be read; what was chosen before counts until then."""
    choices = tmp_path / "choices"
    choices.mkdir()
    async with running(create_app(TOY, settings.model_copy(update={"serving_path": choices}))) as client:
        await serves(client, "1.0.0")
        assert (await activate(client, "1.1.0")).json()["previous"] == "1.0.0"
        await serves(client, "1.1.0")
        assert json.loads((choices / "toy" / SERVING).read_text())["active"] == "1.1.0"
        assert read_serving(models, "toy") == Serving(active="1.0.0")
        assert (await activate(client, "1.0.0")).status_code == 200
        await serves(client, "1.0.0")


async def test_a_service_whose_choice_is_broken_can_be_helped(models: Path, settings: ServiceSettings) -> None:
    (models / "toy" / "1.0.0" / "model.tflite").write_bytes(b"cut short")
    async with running(create_app(TOY, settings)) as client:
        await until(client, lambda seen: "checksum" in (seen["reason"] or ""))
        assert (await activate(client, "1.1.0")).status_code == 200
        await serves(client, "1.1.0")


async def test_an_unreadable_choice_is_chosen_anew(models: Path, settings: ServiceSettings) -> None:
    (models / "toy" / SERVING).write_text("{")
    async with running(create_app(TOY, settings)) as client:
        assert (await told(client)).active == "1.1.0"
        assert (await activate(client, "1.0.0")).status_code == 200
        await serves(client, "1.0.0")


async def test_no_bundle_at_all(settings: ServiceSettings) -> None:
    settings.model_path.mkdir()
    async with running(create_app(TOY, settings)) as client:
        found = await told(client)
        assert (found.active, found.versions) == (None, [])
        assert (await activate(client, "1.0.0")).status_code == 404


async def test_of_two_at_once_one_wins_and_the_file_is_whole(toy: Toy) -> None:
    app, client = toy
    models = app.state.service.settings.model_path
    write_version(models, "1.2.0")
    asked = ["1.1.0", "1.2.0"] * 10
    answers = await asyncio.gather(*(activate(client, version) for version in asked))
    assert {answer.status_code for answer in answers} == {200}
    chosen = read_serving(models, "toy")
    assert chosen
    assert chosen.active in asked
    assert [path.name for path in (models / "toy").iterdir() if path.name.startswith(".")] == []
    await serves(client, chosen.active)


async def test_only_the_gateway_may(models: Path, settings: ServiceSettings) -> None:
    token = "s" * 40
    guarded = settings.model_copy(update={"service_token": SecretStr(token)})
    async with running(create_app(TOY, guarded)) as client:
        assert (await client.get("/versions")).status_code == 401
        assert (await activate(client, "1.1.0")).status_code == 401
        assert read_serving(models, "toy") == Serving(active="1.0.0")
        assert (await activate(client, "1.1.0", **{CREDENTIAL: token})).status_code == 200


async def test_a_bundle_of_another_service_is_never_named(toy: Toy) -> None:
    app, client = toy
    write_toy_bundle(app.state.service.settings.model_path, service="other", model="other", version="3.0.0")
    assert "3.0.0" not in [one.version for one in (await told(client)).versions]
    assert (await activate(client, "3.0.0")).status_code == 404
