"""A system that is filled, and an environment that says nothing of another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.backup.helpers import Place

_OTHERS = (
    "REDIS_URL", "REDIS_PASSWORD", "SECRET_KEY", "SECRET_KEY_FILE", "SECRET_KEY_PREVIOUS", "SECRET_KEY_PREVIOUS_FILE",
    "AUDIT_LOG_PATH", "FEEDBACK_PATH", "REDIS_DATA_PATH", "BACKUP_PATH", "BACKUP_KEEP_DAYS", "BACKUP_RECIPIENT",
    "BACKUP_PASSPHRASE_FILE", "BACKUP_IDENTITY", "SERVING_PATH",
)  # fmt: skip


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A system, and a full archive of it: made once, copied for each test."""
    found = Place(tmp_path_factory.mktemp("template"))
    with pytest.MonkeyPatch.context() as patch:
        _forget(patch)
        patch.setenv("MODEL_PATH", str(found.models))
        found.fill()
        found.backup("--config", str(found.root / "none"))
    return found.root


@pytest.fixture
def place(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A system that is stopped, and has no archive yet."""
    found = Place(tmp_path / "system")
    shutil.copytree(template, found.root, ignore=shutil.ignore_patterns("archives"))
    _forget(monkeypatch)
    monkeypatch.setenv("MODEL_PATH", str(found.models))
    monkeypatch.chdir(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def archive(template: Path, place: Place) -> Path:
    """A full archive of ``place``."""
    shutil.copytree(template / "archives", place.archives)
    return next(place.archives.glob("doctorai-*.tar.gz"))


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _OTHERS:
        monkeypatch.delenv(name, raising=False)
