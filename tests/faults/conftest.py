"""A system of two toys that the tests of this folder share; each finds it whole, and leaves it so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from tests.faults.toys import add_toy, both_ready
from tests.support.system import System, running_system
from tests.support.toy import write_toy_bundle


@pytest.fixture(scope="session")
def shared_toys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("toys")
    write_toy_bundle(folder / "models")
    with running_system(folder, {"toy": "tests.support.toy_service"}, folder / "models") as system:
        add_toy(system)
        yield system


@pytest_asyncio.fixture
async def toys(shared_toys: System) -> System:
    await both_ready(shared_toys)
    return shared_toys


@pytest_asyncio.fixture
async def api(toys: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway that shows a clinician's key."""
    async with toys.client() as client:
        yield client
