"""A shadow computes along, is compared, and is never waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.shared.service.rolled import Toy, becomes, choose, counted, said, until
from tests.support.bundles import edit_manifest


async def test_a_shadow_computes_along_and_answers_nobody(models: Path, toy: Toy) -> None:
    app, client = toy
    choose(models, shadow="1.1.0")
    await until(client, lambda seen: seen["beside"] == {"shadow": "1.1.0"})
    for _ in range(10):
        assert (await said(client))["model_version"] == "1.0.0"
        await app.state.service.metrics.comparisons.drain()
    assert await counted(client, "agree") == 10
    assert await counted(client, "disagree") == 0
    assert 'role="shadow",version="1.1.0"' in (await client.get("/metrics")).text


async def test_a_shadow_that_disagrees_is_counted(models: Path, toy: Toy) -> None:
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


async def test_a_shadow_that_is_busy_is_left_out(models: Path, toy: Toy) -> None:
    app, client = toy
    choose(models, shadow="1.1.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)
    app.state.service.host.loaded.shadow.pool.busy += 1
    await said(client)
    assert await counted(client, "dropped") == 1
    app.state.service.host.loaded.shadow.pool.busy -= 1


async def test_a_comparison_that_fails_is_counted_and_nobody_notices(models: Path, toy: Toy) -> None:
    app, client = toy
    choose(models, shadow="1.1.0")
    await becomes(lambda: app.state.service.host.loaded.shadow is not None)

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a library's surprise")

    app.state.service.host.loaded.shadow.pool.run = fail
    assert (await said(client))["model_version"] == "1.0.0"
    await app.state.service.metrics.comparisons.drain()
    assert await counted(client, "error") == 1
