"""One supervised process: what it is given, and its last words."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize(("script", "last"), [("print('gone wrong')", "gone wrong"), ("", None)])
async def test_the_last_words_are_this_runs(tmp_path: Path, script: str, last: str | None) -> None:
    log = tmp_path / "log"
    log.write_text("of the run before\n")
    told: list[str] = []
    child = Child(Program("one", [sys.executable, "-c", script], {}), log, told.append)
    await child.start()

    async def ended() -> bool:
        return bool(told)

    await eventually(ended, 10)
    await child.stop(5)
    assert told[0].splitlines()[1:] == ([f"  {last}", f"  (all of it: {log})"] if last else [])
    first, marker = log.read_text().splitlines()[:2]
    assert first == "of the run before"
    assert json.loads(marker)["event"] == "process_launched"
