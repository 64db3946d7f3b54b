"""One supervised process: what it is given."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cli.child import Child
from cli.plan import Program
from tests.support.processes import eventually

_SHOW = "import os, time; print(dict(os.environ), 'done', flush=True); time.sleep(60)"


async def test_the_storages_credential_is_not_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "a-secret")
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING_FILE", "a-secret")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    log = tmp_path / "log"
    child = Child(Program("one", [sys.executable, "-c", _SHOW], {"PORT": "1"}), log, lambda _: None)
    await child.start()

    async def told() -> bool:
        return "done" in log.read_text()

    await eventually(told, 10)
    await child.stop(5)
    assert "a-secret" not in log.read_text()
    assert "'LOG_LEVEL': 'DEBUG'" in log.read_text()
    assert "'PORT': '1'" in log.read_text()
