"""A file is replaced whole, or stays as it was, with nothing beside it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from shared.files import replace_file


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444])
def test_it_is_there_whole_for_whom_it_is_meant(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.json"
    for data in (b"first", b""):
        replace_file(path, data, mode)
        assert path.read_bytes() == data
        assert path.stat().st_mode & 0o777 == mode
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_disk_that_is_full_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "a.json"
    replace_file(path, b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "none" / "a.json", b"")
