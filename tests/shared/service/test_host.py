"""Readiness tells the truth through everything that can happen to a bundle's files."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.bundle import MANIFEST
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.service.state import ServiceState
from tests.support.apps import running, until_ready
from tests.support.bundles import edit_manifest
from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.toy import MODEL, RED, TOY, entry, write_toy_bundle


async def until_reason(client: httpx.AsyncClient, words: str) -> None:
    """Waits until the service is not ready for a reason that has ``words``."""

    async def check() -> bool:
        answer = await client.get("/health/ready")
        return answer.status_code == 503 and words in answer.json()["reason"]

    await eventually(check, 20)


async def predict(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/predict", content=png(RED))


async def unavailable(client: httpx.AsyncClient, words: str) -> None:
    answer = await predict(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "MODEL_UNAVAILABLE")
    assert words in answer.json()["detail"]
    assert (await client.get("/card")).status_code == 503
    assert (await client.get("/health/live")).status_code == 200


async def test_no_bundle_then_a_bundle_appears(client: httpx.AsyncClient, settings: ServiceSettings) -> None:
    await until_reason(client, "no bundle for toy")
    await unavailable(client, "no bundle for toy")
    write_toy_bundle(settings.model_path)
    await until_ready(client)
    assert (await predict(client)).json()["result"] == "red"


@pytest.mark.parametrize("name", ["model.tflite", "golden.png", MANIFEST])
async def test_a_file_corrupted_while_it_runs_and_restored(
    ready: httpx.AsyncClient, app: FastAPI, root: Path, name: str
) -> None:
    loaded = app.state.service.host.loaded
    whole = (root / name).read_bytes()
    (root / name).write_bytes(b"\0" + whole[1:])
    await until_reason(ready, "manifest.json" if name == MANIFEST else f"{name} does not match its checksum")
    await unavailable(ready, name)
    (root / name).write_bytes(whole)
    await until_ready(ready)
    assert (await predict(ready)).status_code == 200
    assert app.state.service.host.loaded is loaded, "the same bundle need not be loaded again"


async def test_the_folder_taken_away_and_put_back(ready: httpx.AsyncClient, root: Path) -> None:
    away = root.parent.parent / "away"
    os.rename(root, away)
    await until_reason(ready, "no bundle for toy")
    os.rename(away, root)
    await until_ready(ready)


def swap_golden(values: dict[str, Any]) -> None:
    values["signatures"]["image"]["golden"]["probabilities"].reverse()


def three_classes(values: dict[str, Any]) -> None:
    values["labels"] = ["other", "red", "green"]
    values["signatures"]["image"]["golden"]["probabilities"] = [0.0159, 0.9841, 0.0]


NEVER: dict[str, tuple[Any, str]] = {
    "a golden answer that it does not give": (swap_golden, "warm-up inference of 'image' is off by 0.968"),
    "another model's": (lambda values: values.update(model="xray"), "the bundle is of xray, this service is toy"),
    "labels without texts": (lambda values: values.update(labels=["red", "mauve"]), "no texts for mauve"),
    "a runtime that is not there": (lambda values: values.update(runtime="torch"), "no torch runtime"),
    "another version's": (lambda values: values.update(version="2.0.0"), "says version 2.0.0, its folder 1.0.0"),
    "pictures of another size": (
        lambda values: values["signatures"]["image"]["input"].update(height=64),
        "the manifest says (64, 32, 3)",
    ),
}


@pytest.mark.parametrize("name", NEVER)
async def test_a_bundle_that_must_not_be_served_never_is(client: httpx.AsyncClient, root: Path, name: str) -> None:
    change, reason = NEVER[name]
    edit_manifest(root, change)
    await until_reason(client, reason)
    await unavailable(client, reason)


async def test_more_labels_than_the_model_has_classes(settings: ServiceSettings, root: Path) -> None:
    edit_manifest(root, three_classes)
    green = {**TOY.classes, "green": TOY.classes["other"]}
    definition = dataclasses.replace(TOY, classes=green)
    async with running(create_app(definition, settings)) as client:
        await until_reason(client, "the model has 2 classes, not 3")


async def test_weights_that_are_garbage_with_the_right_checksum(client: httpx.AsyncClient, root: Path) -> None:
    garbage = b"garbage" * 100
    (root / "model.tflite").write_bytes(garbage)
    edit_manifest(root, lambda values: values["files"].update({"model.tflite": entry(garbage).model_dump()}))
    await until_reason(client, "LiteRT cannot load the weights")


async def test_a_new_version_is_picked_up_and_a_higher_number_wins(
    ready: httpx.AsyncClient, settings: ServiceSettings
) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        write_toy_bundle(settings.model_path, version=version)

    async def newest() -> bool:
        return bool((await predict(ready)).json().get("model_version") == "1.10.0")

    await eventually(newest, 20)
    shutil.rmtree(settings.model_path / "toy" / "1.10.0")

    async def older() -> bool:
        return bool((await predict(ready)).json().get("model_version") == "1.9.0")

    await eventually(older, 20)


async def test_the_version_that_is_asked_for(settings: ServiceSettings, root: Path) -> None:
    write_toy_bundle(settings.model_path, version="2.0.0")
    asked = settings.model_copy(update={"model_version": "1.0.0"})
    async with running(create_app(TOY, asked)) as client:
        await until_ready(client)
        assert (await predict(client)).json()["model_version"] == "1.0.0"
    missing = settings.model_copy(update={"model_version": "3.0.0"})
    async with running(create_app(TOY, missing)) as client:
        await until_reason(client, "no bundle toy/3.0.0")


async def test_an_instance_that_drains_is_not_ready_but_still_answers(ready: httpx.AsyncClient, app: FastAPI) -> None:
    state: ServiceState = app.state.service
    state.host.drain()
    answer = await ready.get("/health/ready")
    assert (answer.status_code, answer.json()["reason"]) == (503, "the instance is stopping")
    assert (await predict(ready)).status_code == 200


async def test_memory_holds_the_model_so_a_rewrite_changes_no_answer_in_between(
    ready: httpx.AsyncClient, root: Path
) -> None:
    before = (await predict(ready)).json()["probabilities"]
    (root / "model.tflite").write_bytes(MODEL.read_bytes()[::-1])
    await until_reason(ready, "does not match")
    (root / "model.tflite").write_bytes(MODEL.read_bytes())
    await until_ready(ready)
    assert (await predict(ready)).json()["probabilities"] == before
