"""A system that is filled, and an environment that says nothing of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.backup.helpers import Place

_OTHERS = (
    "REDIS_URL", "REDIS_PASSWORD", "SECRET_KEY", "SECRET_KEY_FILE", "SECRET_KEY_PREVIOUS", "SECRET_KEY_PREVIOUS_FILE",
    "AUDIT_LOG_PATH", "FEEDBACK_PATH", "REDIS_DATA_PATH", "BACKUP_PATH", "BACKUP_KEEP_DAYS", "BACKUP_RECIPIENT",
    "BACKUP_PASSPHRASE_FILE", "BACKUP_IDENTITY",
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in _OTHERS:
        monkeypatch.delenv(name, raising=False)
    found = Place(tmp_path / "system")
    monkeypatch.setenv("MODEL_PATH", str(found.models))
    found.fill()
    monkeypatch.chdir(tmp_path)
    yield found
    found.stop()
