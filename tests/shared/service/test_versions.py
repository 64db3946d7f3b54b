"""Versions are exchanged under load, and nobody notices but by the label."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.versions import SERVING
from tests.shared.service.rolled import Toy, choose, grows, load, until
from tests.support.apps import running
from tests.support.bundles import edit_manifest
from tests.support.toy import TOY


async def test_rolling_forward_and_back_under_load(models: Path, toy: Toy) -> None:
    _, client = toy
    async with load(client) as answers:
        for version in ("1.1.0", "1.0.0", "1.1.0"):
            choose(models, active=version)
            await until(client, lambda seen, version=version: seen["version"] == version)  # type: ignore[misc]
            await grows(answers, 20)
    assert {one["model_version"] for one in answers} == {"1.0.0", "1.1.0"}
    assert answers[-1]["model_version"] == "1.1.0"


async def test_a_bad_bundle_under_load_leaves_the_old_one_and_says_why(models: Path, toy: Toy) -> None:
    app, client = toy
    (models / "toy" / "1.1.0" / "model.tflite").write_bytes(b"cut short")
    async with load(client) as answers:
        choose(models, active="1.1.0")
        seen = await until(client, lambda seen: seen["notice"] is not None)
        assert seen["ready"]
        assert seen["version"] == "1.0.0"
        assert "model.tflite does not match its checksum" in seen["notice"]
        await grows(answers, 5)
    assert {one["model_version"] for one in answers} == {"1.0.0"}
    assert app.state.service.host.failures == 1
    choose(models)
    await until(client, lambda seen: seen["notice"] is None)


@pytest.mark.parametrize("text", ["{", '{"active": "7.7.7"}'])
async def test_a_choice_that_is_none_leaves_the_old_one(models: Path, toy: Toy, text: str) -> None:
    _, client = toy
    (models / "toy" / SERVING).write_text(text)
    seen = await until(client, lambda seen: seen["notice"] is not None)
    assert (seen["ready"], seen["version"]) == (True, "1.0.0")


async def test_the_served_ones_own_files_must_hold(models: Path, toy: Toy) -> None:
    _, client = toy
    (models / "toy" / "1.0.0" / "model.tflite").write_bytes(b"cut short")
    seen = await until(client, lambda seen: not seen["ready"])
    assert "model.tflite" in seen["reason"]


async def test_a_library_that_chokes_on_a_new_version_leaves_the_old_one(
    models: Path, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = toy

    def choke(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("shared.service.loader.open_backend", choke)
    choose(models, active="1.1.0")
    seen = await until(client, lambda seen: not seen["ready"] or seen["notice"] is not None)
    assert (seen["ready"], seen["version"]) == (True, "1.0.0")
    assert seen["notice"] == "version 1.1.0 is not served: the model cannot be loaded: MemoryError"


async def test_a_chosen_version_that_is_bad_is_said_once(models: Path, toy: Toy) -> None:
    _, client = toy
    edit_manifest(models / "toy" / "1.1.0", lambda values: values.update(runtime="torch"))
    choose(models, active="1.1.0")
    seen = await until(client, lambda seen: seen["notice"] is not None)
    assert seen["notice"] == "version 1.1.0 is not served: this build has no torch runtime"


async def test_at_the_start_a_broken_highest_version_gives_way_to_the_next(
    models: Path, settings: ServiceSettings
) -> None:
    (models / "toy" / SERVING).unlink()
    (models / "toy" / "1.1.0" / "golden.png").write_bytes(b"")
    async with running(create_app(TOY, settings)) as client:
        seen = await until(client, lambda seen: seen["ready"])
        assert seen["version"] == "1.0.0"
        assert "version 1.1.0 is not served: golden.png" in seen["notice"]


async def test_at_the_start_a_chosen_version_that_is_bad_is_not_replaced_by_another(
    models: Path, settings: ServiceSettings
) -> None:
    choose(models, active="1.1.0")
    (models / "toy" / "1.1.0" / "golden.png").write_bytes(b"")
    async with running(create_app(TOY, settings)) as client:
        await until(client, lambda seen: "golden.png" in (seen["reason"] or ""))
