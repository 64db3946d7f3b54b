"""A canary answers its share of the inputs, always the same ones; a bad one leaves the active version alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.versions import Canary, Serving, write_serving
from tests.shared.service.rolled import Toy, becomes, choose, grows, load, said, until
from tests.support.apps import running
from tests.support.bundles import edit_manifest, tabular_bundle
from tests.support.pictures import png
from tests.support.requests import metric
from tests.support.toy import TOY
from tests.support.versions import write_version


def pictures(count: int) -> list[bytes]:
    return [png((255, at % 200, at // 200), (8, 8)) for at in range(count)]


async def test_a_canary_answers_its_share_and_always_the_same_pictures(models: Path, toy: Toy) -> None:
    _, client = toy
    choose(models, canary=Canary(version="1.1.0", share=0.25))
    await until(client, lambda seen: seen["beside"] == {"canary": "1.1.0"})
    shown = pictures(400)
    first = [(await said(client, picture))["model_version"] for picture in shown]
    again = [(await said(client, picture))["model_version"] for picture in shown]
    assert first == again
    assert 65 <= first.count("1.1.0") <= 135  # four standard deviations
    assert await until(client, lambda seen: seen["version"] == "1.0.0")


async def test_what_is_not_served_is_said_by_name_and_counted_once(models: Path, toy: Toy) -> None:
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


@pytest.mark.parametrize("role", ["canary", "shadow"])
async def test_a_canary_or_shadow_that_is_bad_leaves_the_active_one_alone(models: Path, toy: Toy, role: str) -> None:
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
