"""The toy service, in this process, without a Redis."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.inference.predictor import Predictor, Sample
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from shared.versions import Serving, write_serving
from tests.support.apps import running, until_ready
from tests.support.toy import TOY, write_toy_bundle
from tests.support.versions import write_version

NO_REDIS = "redis://127.0.0.1:1"


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(
        model_path=tmp_path / "models",
        redis_url=NO_REDIS,
        advertise_address="http://toy",
        instance_id="toy-1",
        watch_interval_s=0.02,
        workers=1,
        max_queue=2,
        max_image_size=100_000,
    )


@pytest.fixture
def root(settings: ServiceSettings) -> Path:
    """The folder of version 1.0.0."""
    return write_toy_bundle(settings.model_path)


@pytest.fixture
def app(settings: ServiceSettings) -> FastAPI:
    return create_app(TOY, settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The service with whatever bundle there is."""
    async with running(app) as client:
        yield client


@pytest.fixture
async def ready(root: Path, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The service, ready."""
    await until_ready(client)
    return client


@pytest.fixture
def models(settings: ServiceSettings) -> Path:
    """Versions 1.0.0, which is chosen, and 1.1.0."""
    for version in ("1.0.0", "1.1.0"):
        write_version(settings.model_path, version)
    write_serving(settings.model_path, "toy", Serving(active="1.0.0"))
    return settings.model_path


@pytest.fixture
async def toy(models: Path, settings: ServiceSettings) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The service with both, ready."""
    app = create_app(TOY, settings.model_copy(update={"max_queue": 64}))
    async with running(app) as client:
        await until_ready(client)
        yield app, client


class HeldWorker:
    """Every inference waits until ``open`` is set; ``samples`` are those that were begun."""

    def __init__(self) -> None:
        self.open, self.entered = threading.Event(), threading.Event()
        self.samples: list[Sample] = []


@pytest.fixture
def held(ready: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldWorker]:
    """The ready service, whose one worker is held."""
    worker, really = HeldWorker(), Predictor.__call__

    def hold(self: Predictor, samples: Sequence[Sample]) -> Any:
        worker.samples.extend(samples)
        worker.entered.set()
        assert worker.open.wait(60)
        return really(self, samples)

    monkeypatch.setattr(Predictor, "__call__", hold)
    yield worker
    worker.open.set()
