"""A gateway without any service and without Redis, for tests that need no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.settings import SERVICES, GatewaySettings
from tests.gateway.faked import Faked, faked
from tests.support.apps import running
from tests.support.people import SECRET_KEY, signed_in


@pytest.fixture
def alone() -> GatewaySettings:
    return GatewaySettings(
        redis_url="redis://127.0.0.1:1",
        secret_key=SECRET_KEY,
        service_addresses={name: [] for name in SERVICES},
    )


@pytest_asyncio.fixture
async def api(alone: GatewaySettings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it that shows a clinician's token."""
    async with running(create_app(alone)) as client:
        client.headers.update(signed_in())
        yield client


@pytest_asyncio.fixture
async def fake(alone: GatewaySettings, tmp_path: Path) -> AsyncIterator[Faked]:
    """One whose services are functions of the test."""
    folders = {"audit_log_path": tmp_path / "audit", "feedback_path": tmp_path / "feedback"}
    async with faked(alone.model_copy(update=folders)) as found:
        yield found
