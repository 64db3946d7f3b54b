"""One running system for the tests that do it no harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from cli.plan import known_services
from tests.conftest import REPOSITORY
from tests.support.system import System, running_system


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Every service that ships, with the bundle that ships."""
    modules = {name: f"services.{name}" for name in known_services()}
    with running_system(tmp_path_factory.mktemp("system"), modules, REPOSITORY / "models") as found:
        asyncio.run(_until_ready(found))
        yield found


@pytest_asyncio.fixture
async def api(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the system's gateway."""
    async with system.client() as client:
        yield client


async def _until_ready(system: System) -> None:
    async with httpx.AsyncClient(timeout=10) as client:
        models = (await system.health(client))["models"]
        assert isinstance(models, dict)
        for model in models:
            await system.until(client, model, is_ready=True, timeout_s=60)
