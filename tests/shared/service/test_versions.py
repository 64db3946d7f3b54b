"""Versions are exchanged under load, and nobody notices but by the label."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.versions import SERVING, Canary, Serving, write_serving
from tests.support.apps import running, until_ready
from tests.support.bundles import edit_manifest, tabular_bundle
from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.requests import metric
from tests.support.toy import TOY
from tests.support.versions import PINK, is_labelled_rightly, write_version


@pytest.fixture
def models(settings: ServiceSettings) -> Path:
    for version in ("1.0.0", "1.1.0"):
        write_version(settings.model_path, version)
    write_serving(settings.model_path, "toy", Serving(active="1.0.0"))
    return settings.model_path


@pytest.fixture
async def toy(models: Path, settings: ServiceSettings) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    app = create_app(TOY, settings.model_copy(update={"max_queue": 64}))
    async with running(app) as client:
        await until_ready(client)
        yield app, client


def choose(models: Path, **changes: Any) -> None:
    write_serving(models, "toy", Serving(**{"active": "1.0.0", **changes}))


async def said(client: httpx.AsyncClient, picture: bytes = PINK) -> dict[str, Any]:
    answer = await client.post("/predict", content=picture)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(client: httpx.AsyncClient, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Waits until the instance says of itself what is wanted."""
    seen: dict[str, Any] = {}

    async def check() -> bool:
        seen.update((await client.get("/health/ready")).json())
        return wanted(seen)

    await eventually(check, 20)
    return seen


async def becomes(wanted: Callable[[], bool]) -> None:
    """Waits until it is so."""

    async def check() -> bool:
        return wanted()

    await eventually(check, 20)


async def grows(answers: list[dict[str, Any]], count: int) -> None:
    """Waits for ``count`` more of them."""
    before = len(answers)
    await becomes(lambda: len(answers) > before + count)


@asynccontextmanager
async def load(client: httpx.AsyncClient, callers: int = 4) -> AsyncIterator[list[dict[str, Any]]]:
    """Callers that ask without pause around the block; every answer is checked when it ends."""
    answers: list[dict[str, Any]] = []
    stop = asyncio.Event()

    async def caller() -> None:
        while not stop.is_set():
            answers.append(await said(client))

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
        yield answers
        stop.set()
    assert [one for one in answers if not is_labelled_rightly(one)] == []


async def test_rolling_forward_and_back_under_load(models: Path, toy: tuple[FastAPI, httpx.AsyncClient]) -> None:
    _, client = toy
    async with load(client) as answers:
        for version in ("1.1.0", "1.0.0", "1.1.0"):
            choose(models, active=version)
            await until(client, lambda seen, version=version: seen["version"] == version)  # type: ignore[misc]
            await grows(answers, 20)
    assert {one["model_version"] for one in answers} == {"1.0.0", "1.1.0"}
    assert answers[-1]["model_version"] == "1.1.0"


async def test_a_bad_bundle_under_load_leaves_the_old_one_and_says_why(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient]
) -> None:
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
async def test_a_choice_that_is_none_leaves_the_old_one(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient], text: str
) -> None:
    _, client = toy
    (models / "toy" / SERVING).write_text(text)
    seen = await until(client, lambda seen: seen["notice"] is not None)
    assert (seen["ready"], seen["version"]) == (True, "1.0.0")


async def test_the_served_ones_own_files_must_hold(models: Path, toy: tuple[FastAPI, httpx.AsyncClient]) -> None:
    _, client = toy
    (models / "toy" / "1.0.0" / "model.tflite").write_bytes(b"cut short")
    seen = await until(client, lambda seen: not seen["ready"])
    assert "model.tflite" in seen["reason"]


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


def pictures(count: int) -> list[bytes]:
    return [png((255, at % 200, at // 200), (8, 8)) for at in range(count)]


async def test_a_canary_answers_its_share_and_always_the_same_pictures(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient]
) -> None:
    app, client = toy
    choose(models, canary=Canary(version="1.1.0", share=0.25))
    await becomes(lambda: app.state.service.host.loaded.canary is not None)
    shown = pictures(400)
    first = [(await said(client, picture))["model_version"] for picture in shown]
    again = [(await said(client, picture))["model_version"] for picture in shown]
    assert first == again
    assert 65 <= first.count("1.1.0") <= 135  # four standard deviations
    assert await until(client, lambda seen: seen["version"] == "1.0.0")


async def counted(client: httpx.AsyncClient, outcome: str) -> float:
    text = (await client.get("/metrics")).text
    found = re.findall(rf'inference_comparisons_total\{{[^}}]*outcome="{outcome}"[^}}]*\}} ([0-9.]+)', text)
    return sum(float(value) for value in found)


async def test_a_shadow_computes_along_and_answers_nobody(models: Path, toy: tuple[FastAPI, httpx.AsyncClient]) -> None:
    app, client = toy
    choose(models, shadow="1.1.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)
    for _ in range(10):
        assert (await said(client))["model_version"] == "1.0.0"
        await app.state.service.metrics.comparisons.drain()
    assert await counted(client, "agree") == 10
    assert await counted(client, "disagree") == 0
    assert 'role="shadow",version="1.1.0"' in (await client.get("/metrics")).text


async def test_a_shadow_that_disagrees_is_counted(models: Path, toy: tuple[FastAPI, httpx.AsyncClient]) -> None:
    app, client = toy
    edit_manifest(models / "toy" / "1.1.0", _swap)
    choose(models, shadow="1.1.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)
    await said(client)
    await app.state.service.metrics.comparisons.drain()
    assert await counted(client, "disagree") == 1


def _swap(values: dict[str, Any]) -> None:
    """The same numbers under the other names."""
    values["labels"].reverse()


async def test_a_shadow_that_is_busy_is_left_out(models: Path, toy: tuple[FastAPI, httpx.AsyncClient]) -> None:
    app, client = toy
    choose(models, shadow="1.1.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)
    app.state.service.host.loaded.shadow.pool.busy += 1
    await said(client)
    assert await counted(client, "dropped") == 1
    app.state.service.host.loaded.shadow.pool.busy -= 1


async def test_a_library_that_chokes_on_a_new_version_leaves_the_old_one(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, client = toy

    def choke(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("shared.service.loader.open_backend", choke)
    choose(models, active="1.1.0")
    seen = await until(client, lambda seen: not seen["ready"] or seen["notice"] is not None)
    assert (seen["ready"], seen["version"]) == (True, "1.0.0")
    assert seen["notice"] == "version 1.1.0 is not served: the model cannot be loaded: MemoryError"


async def test_what_is_not_served_is_said_by_name_and_counted_once(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient]
) -> None:
    app, client = toy
    write_version(models, "1.2.0")
    edit_manifest(models / "toy" / "1.1.0", lambda values: values.update(runtime="torch"))
    bad = Canary(version="1.1.0", share=0.5)
    choose(models, canary=bad)
    seen = await until(client, lambda seen: seen["notice"] is not None)
    assert seen["notice"] == "version 1.1.0 is not served: this build has no torch runtime"
    choose(models, canary=bad, shadow="1.2.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)
    assert app.state.service.host.loaded.notice == seen["notice"]
    assert await metric(client, "", 'inference_load_failures_total{model="toy"}') == 1
    served = f'inference_model_info{{digest="{seen["digest"][:12]}",model="toy",role="active",version="1.0.0"}}'
    assert await metric(client, "", served) == 1


async def test_a_chosen_version_that_is_bad_is_said_once(models: Path, toy: tuple[FastAPI, httpx.AsyncClient]) -> None:
    _, client = toy
    edit_manifest(models / "toy" / "1.1.0", lambda values: values.update(runtime="torch"))
    choose(models, active="1.1.0")
    seen = await until(client, lambda seen: seen["notice"] is not None)
    assert seen["notice"] == "version 1.1.0 is not served: this build has no torch runtime"


@pytest.mark.parametrize("role", ["canary", "shadow"])
async def test_a_canary_or_shadow_that_is_bad_leaves_the_active_one_alone(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient], role: str
) -> None:
    app, client = toy
    (models / "toy" / "1.1.0" / "model.tflite").write_bytes(b"cut short")
    async with load(client) as answers:
        choose(models, **{role: Canary(version="1.1.0", share=1) if role == "canary" else "1.1.0"})
        seen = await until(client, lambda seen: seen["notice"] is not None)
        await grows(answers, 5)
    assert seen["notice"].startswith("version 1.1.0 is not served: model.tflite does not match")
    assert list(app.state.service.host.loaded.models()) == ["active"]
    assert {one["model_version"] for one in answers} == {"1.0.0"}


async def test_a_canary_that_does_not_take_what_the_active_version_takes_is_left_out(settings: ServiceSettings) -> None:
    models = settings.model_path
    tabular_bundle(models)
    edit_manifest(tabular_bundle(models, version="1.1.0"), _other_numbers)
    write_serving(models, "toy", Serving(active="1.0.0", canary=Canary(version="1.1.0", share=1)))
    async with running(create_app(TOY, settings)) as client:
        seen = await until(client, lambda seen: seen["ready"])
        assert seen["notice"] == "version 1.1.0 is not served: it does not take all that 1.0.0 takes"
        assert (await client.post("/predict", json=[0.9, 0.5, 0.5])).json()["model_version"] == "1.0.0"


def _other_numbers(values: dict[str, Any]) -> None:
    values["signatures"]["numbers"]["input"]["names"].reverse()


async def test_a_comparison_that_fails_is_counted_and_nobody_notices(
    models: Path, toy: tuple[FastAPI, httpx.AsyncClient]
) -> None:
    app, client = toy
    choose(models, shadow="1.1.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a library's surprise")

    app.state.service.host.loaded.shadow.pool.run = fail
    assert (await said(client))["model_version"] == "1.0.0"
    await app.state.service.metrics.comparisons.drain()
    assert await counted(client, "error") == 1
