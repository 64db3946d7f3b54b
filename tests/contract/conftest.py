"""Every service under services/, one after the other, in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from cli.plan import known_services
from shared.bundle import Bundle, find_bundle, open_bundle
from shared.definition import ServiceDefinition
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.support.apps import running, until_ready

MODELS = Path(__file__).resolve().parents[2] / "models"


def definition_of(service: str) -> ServiceDefinition:
    found: ServiceDefinition = import_module(f"services.{service}.definition").SERVICE
    return found


@pytest.fixture(params=[name for name in known_services() if definition_of(name).classes])
def definition(request: pytest.FixtureRequest) -> ServiceDefinition:
    """Of each service that predicts a class; the chatbot's contract is in `tests/services/chatbot`."""
    return definition_of(request.param)


@pytest.fixture
def bundle(definition: ServiceDefinition) -> Bundle:
    return open_bundle(find_bundle(MODELS, definition.service))


@pytest_asyncio.fixture
async def service(definition: ServiceDefinition) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running service; without a Redis, which it must do without."""
    settings = ServiceSettings(model_path=MODELS, redis_url="redis://127.0.0.1:1", advertise_address="http://test")
    async with running(create_app(definition, settings)) as client:
        await until_ready(client)
        yield client
