"""``serving.json``: whole or refused, replaced in one step."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli.plan import ROOT
from shared.errors import BundleError
from shared.versions import SERVING, Canary, Serving, read_serving, versions, write_serving
from tests.support.killed_writers import CHOICES
from tests.support.toy import write_toy_bundle

WHOLE = Serving(active="1.1.0", previous="1.0.0", canary=Canary(version="1.2.0", share=0.1), shadow="1.3.0")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    write_toy_bundle(tmp_path)
    return tmp_path


def test_nothing_was_chosen(models: Path) -> None:
    assert read_serving(models, "toy") is None


def test_what_is_written_is_read(models: Path) -> None:
    write_serving(models, "toy", WHOLE)
    assert read_serving(models, "toy") == WHOLE
    assert stat.S_IMODE((models / "toy" / SERVING).stat().st_mode) == 0o644
    assert [path.name for path in (models / "toy").iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"active": "latest"}',
        '{"active": "../../etc"}',
        '{"active": "1.0.0", "command": "rm"}',
        '{"active": "1.0.0", "canary": {"version": "1.1.0", "share": 0}}',
        '{"active": "1.0.0", "canary": {"version": "1.1.0", "share": 1.5}}',
        '{"active": "1.0.0", "canary": {"version": "1.1.0", "share": NaN}}',
        '{"active": "1.0.0", "shadow": "/1.0.0"}',
        '{"active": "1.0.0", "previous": "' + "9" * 20_000 + '"}',
        "[" * 5_000,
    ],
)
def test_anything_else_is_refused_by_name(models: Path, text: str) -> None:
    (models / "toy" / SERVING).write_text(text)
    with pytest.raises(BundleError, match=SERVING):
        read_serving(models, "toy")


def test_a_write_that_fails_leaves_the_old_one(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_serving(models, "toy", WHOLE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_serving(models, "toy", Serving(active="9.9.9"))
    assert read_serving(models, "toy") == WHOLE
    assert [path.name for path in (models / "toy").iterdir() if path.name.startswith(".")] == []


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_one(models: Path) -> None:
    write_serving(models, "toy", CHOICES[0])
    command = [sys.executable, "-m", "tests.support.killed_writers", str(models), "100"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert set(json.loads(told.stdout)) == {choice.active for choice in CHOICES}
    left = list((models / "toy").glob(f".{SERVING}.*"))
    assert left, "none was killed while it wrote"
    assert versions(models, "toy") == ["1.0.0"]
    write_serving(models, "toy", WHOLE)
    assert read_serving(models, "toy") == WHOLE


def test_what_a_killed_writer_left_is_not_read(models: Path) -> None:
    for name in (f".{SERVING}.abc", f".{SERVING}.{SERVING}"):
        (models / "toy" / name).write_text('{"active": "9.')
    assert read_serving(models, "toy") is None
    assert versions(models, "toy") == ["1.0.0"]


def test_versions_sort_as_numbers_and_only_whole_folders_count(models: Path) -> None:
    for version in ("1.10.0", "1.9.0"):
        write_toy_bundle(models, version=version)
    (models / "toy" / "2.0.0").mkdir()
    (models / "toy" / "new").mkdir()
    assert versions(models, "toy") == ["1.10.0", "1.9.0", "1.0.0"]
