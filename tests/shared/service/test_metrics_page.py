"""``docs/metrics-services.md`` and the code tell the same, and ``promtool`` finds nothing to say of it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.contract import Prediction
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.versions import Serving, write_serving
from tests.conftest import REPOSITORY
from tests.shared.service.rolled import Drifted, becomes
from tests.support.apps import running, until_ready
from tests.support.expositions import documented, families, labels_of
from tests.support.nvml import FakeNvml
from tests.support.pictures import png
from tests.support.toy import RED, TOY

PAGE = REPOSITORY / "docs" / "metrics-services.md"


@pytest.fixture
async def text(models: Path, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """What a service says to which everything has happened."""
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())
    write_serving(models, "toy", Serving(active="1.0.0", shadow="1.1.0"))
    app = create_app(TOY, settings)
    async with running(app) as client:
        await until_ready(client)
        state = app.state.service
        await becomes(lambda: state.host.loaded.shadow is not None)
        object.__setattr__(state.host.loaded.active, "drift", Drifted())
        answer = Prediction.model_validate((await client.post("/predict", content=png(RED))).json())
        await state.metrics.comparisons.drain()
        strange = {"ood_score": 0.9, "decision": "abstained", "abstain_reason": "out_of_distribution", "result": None}
        state.metrics.predicted(answer.model_copy(update=strange))
        yield (await client.get("/metrics")).text


async def test_the_page_has_every_metric_and_no_other(text: str) -> None:
    assert families(text) == set(documented(PAGE, "Every process", "Services"))


async def test_the_page_has_the_labels(text: str) -> None:
    told = documented(PAGE, "Every process", "Services")
    found = {name: labels for name, labels in labels_of(text).items() if name in told}
    assert found == told


async def test_promtool_finds_nothing(text: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    command = [promtool, "check", "metrics"]
    done = await asyncio.to_thread(subprocess.run, command, input=text, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
