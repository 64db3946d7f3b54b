"""Fixtures for every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import RedisServer

# what every process that a test starts reads, too, unless the test says otherwise
os.environ.setdefault("DOCTORAI_MODE", "local")
os.environ.setdefault("AUDIT_LOG_PATH", tempfile.mkdtemp(prefix="doctorai-audit-"))
os.environ.setdefault("FEEDBACK_PATH", tempfile.mkdtemp(prefix="doctorai-feedback-"))
for _limit in ("RATE_LIMIT_USER", "RATE_LIMIT_IP", "RATE_LIMIT_SIGN_IN"):
    os.environ.setdefault(_limit, "1000000/minute")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """The labelled images, which are not part of the project; the test skips where they are not there."""
    folder = Path(os.environ.get("DOCTORAI_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the labelled images are not on this machine (set DOCTORAI_DATA)")
    return folder


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis that the test may stop and start."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.stop()
