"""Lines on the disk: whole, durable, private, in a file of their own, and gone in time."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.feedback.journal import Journal
from tests.gateway.feedback.helpers import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "feedback"


@pytest.fixture
def journal(folder: Path, clock: Clock) -> Journal:
    return opened(folder, clock)


def opened(folder: Path, clock: Clock) -> Journal:
    made = Journal(folder, timedelta(days=60), clock)
    made.open()
    return made


def names(folder: Path) -> list[str]:
    return [path.name[:16] for path in sorted(folder.iterdir())]


def test_a_file_a_process_and_month_that_nobody_else_may_read(folder: Path, journal: Journal, clock: Clock) -> None:
    for line in (b"one\n", b"two\n"):
        journal.append(line)
    opened(folder, clock).append(b"another process\n")
    clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    journal.append(b"three\n")
    found = sorted(folder.iterdir())
    assert names(folder) == ["feedback-2026-03", "feedback-2026-03", "feedback-2026-04"]
    assert {path.stat().st_mode & 0o777 for path in found} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.read_bytes() for path in found) == [b"another process\n", b"one\ntwo\n", b"three\n"]


def test_each_line_is_synced(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.append(b"one\n")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal.append(b"two\n")
    assert len(synced) == 1


def test_half_a_line_is_cut_away_when_the_disk_is_full(
    folder: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(b"one\n")
    really = os.write

    def full(opened: int, data: memoryview) -> int:
        if len(data) > 3:
            return really(opened, data[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            journal.append(b"a line\n")
    journal.append(b"two\n")
    (path,) = folder.iterdir()
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_file_that_is_removed_is_begun_anew_and_a_folder_is_not(folder: Path, journal: Journal) -> None:
    journal.append(b"one\n")
    (path,) = folder.iterdir()
    path.unlink()
    journal.append(b"two\n")
    assert path.read_bytes() == b"two\n"
    path.unlink()
    folder.rmdir()
    with pytest.raises(FileNotFoundError):
        journal.append(b"three\n")


def test_a_link_that_somebody_planted_is_not_followed(folder: Path, journal: Journal, tmp_path: Path) -> None:
    journal.append(b"one\n")
    (path,) = folder.iterdir()
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        journal.append(b"two\n")
    assert not (tmp_path / "elsewhere").exists()


def test_a_month_goes_when_its_last_day_is_too_old(folder: Path, journal: Journal, clock: Clock) -> None:
    journal.append(b"march\n")
    (folder / "notes.txt").touch()
    (folder / "feedback-2026-13-00000000.jsonl").touch()
    clock.now = datetime(2026, 5, 30, 23, 59, tzinfo=UTC)
    journal.append(b"may\n")
    assert journal.retire() == 0
    clock.now = datetime(2026, 5, 31, tzinfo=UTC)
    assert journal.retire() == 1
    assert names(folder) == ["feedback-2026-05", "feedback-2026-13", "notes.txt"]
