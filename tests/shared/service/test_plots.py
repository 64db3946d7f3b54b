"""A card's plots: files of the bundle that serves, and of no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.http.svg import POLICY
from shared.manifest import FileEntry
from shared.plots import plot_file
from tests.shared.service.rolled import Toy, becomes, choose, until
from tests.support.apps import until_ready
from tests.support.bundles import edit_manifest

PLAIN = b'<svg xmlns="http://www.w3.org/2000/svg"><style>*{fill:red}</style></svg>'
HOSTILE = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'


def draw(root: Path, **plots: bytes) -> None:
    """Puts plots into a bundle, whole."""
    (root / "plots").mkdir(exist_ok=True)

    def change(values: dict[str, Any]) -> None:
        for name, data in plots.items():
            (root / plot_file(name)).write_bytes(data)
            values["files"][plot_file(name)] = FileEntry.of(data).model_dump()

    edit_manifest(root, change)


async def test_the_card_names_them_and_they_are_served(root: Path, app: FastAPI, client: httpx.AsyncClient) -> None:
    draw(root, confusion=PLAIN, reliability=HOSTILE, my_own=PLAIN)
    await until_ready(client)
    await until(client, lambda seen: bool(seen["ready"]))
    assert (await client.get("/card")).json()["plots"] == [
        {"name": "confusion", "title": "Confusion matrix on test"},
        {"name": "my_own", "title": "My own"},
        {"name": "reliability", "title": "Reliability on test: accuracy by confidence"},
    ]
    for name, data in (("confusion", PLAIN), ("reliability", HOSTILE)):
        answer = await client.get(f"/plots/{name}")
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.headers["content-security-policy"] == POLICY


def test_no_script_runs_in_one() -> None:
    directives = {part.split()[0]: part.split()[1:] for part in POLICY.split("; ")}
    assert directives["default-src"] == ["'none'"]
    assert directives["sandbox"] == []
    assert "script-src" not in directives


async def test_a_bundle_without_any(ready: httpx.AsyncClient) -> None:
    assert (await ready.get("/card")).json()["plots"] == []
    answer = await ready.get("/plots/confusion")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("name", ["..%2F..%2Fmodel", "Confusion", "model.tflite", "%2e%2e", "a" * 65])
async def test_what_is_no_name_of_a_plot(ready: httpx.AsyncClient, name: str) -> None:
    assert (await ready.get(f"/plots/{name}")).status_code in (404, 422)


async def test_of_the_version_that_serves_and_of_no_other(toy: Toy) -> None:
    app, client = toy
    models = app.state.service.settings.model_path
    draw(models / "toy" / "1.1.0", confusion=PLAIN)
    assert (await client.get("/plots/confusion")).status_code == 404
    choose(models, active="1.1.0")
    await until(client, lambda seen: bool(seen["version"] == "1.1.0"))
    assert (await client.get("/plots/confusion?version=1.1.0")).content == PLAIN
    answer = await client.get("/plots/confusion?version=1.0.0")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_plot_that_was_changed_is_not_shown(toy: Toy) -> None:
    app, client = toy
    root = app.state.service.settings.model_path / "toy" / "1.0.0"
    draw(root, confusion=PLAIN)
    await becomes(lambda: "plots/confusion.svg" in app.state.service.host.loaded.bundle.manifest.files)
    assert (await client.get("/plots/confusion")).status_code == 200
    (root / "plots" / "confusion.svg").write_bytes(HOSTILE)
    assert (await client.get("/plots/confusion")).status_code == 503
