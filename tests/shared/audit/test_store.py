"""One process's part of the log: days, restarts, crashes, retention, several processes."""

from __future__ import annotations

import json
import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.audit.chain import START, End
from shared.audit.head import read_head
from shared.audit.keys import audit_keys
from shared.audit.places import day_files
from shared.audit.store import Store
from tests.shared.audit.helpers import (
    KEYS,
    SECRET,
    FakeClock,
    check,
    event,
    events,
    files,
    lines,
    open_store,
    problems,
    write,
    write_log,
)

FIRST = "audit-1-2026-03-01.jsonl"


def numbers(folder: Path, slot: int = 1) -> list[int]:
    return [line["seq"] for line in lines(folder, slot)]


def restart(folder: Path, clock: FakeClock, keys: dict[str, bytes] | None = None) -> None:
    """A process that starts, writes two lines and stops."""
    store = open_store(folder, clock, keys or KEYS)
    write(store, clock, 2)
    store.close()


def test_files_are_for_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "audit"
    write_log(folder, days=1)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == [FIRST, "audit-1.head", "audit-1.lock"]


def test_a_new_slot_has_a_head_at_once(tmp_path: Path) -> None:
    open_store(tmp_path, FakeClock()).close()
    assert read_head(tmp_path, 1, KEYS) == START
    assert check(tmp_path).ok


def test_a_restart_continues_the_chain(tmp_path: Path) -> None:
    clock = FakeClock()
    for _ in range(3):
        restart(tmp_path, clock)
        clock.forward(hours=10)
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]
    assert len(files(tmp_path)) == 2
    assert check(tmp_path).ok


def test_a_day_ends_at_midnight_utc(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
    store = open_store(tmp_path, clock)
    write(store, clock)
    clock.forward(seconds=1)
    write(store, clock)
    store.close()
    assert files(tmp_path) == [FIRST, "audit-1-2026-03-02.jsonl"]
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]
    assert check(tmp_path).ok


def test_a_clock_that_is_put_back_does_not_mix_up_the_files(tmp_path: Path) -> None:
    clock = FakeClock()
    restart(tmp_path, clock)
    clock.forward(days=2)
    restart(tmp_path, clock)
    clock.forward(days=-1)
    restart(tmp_path, clock)
    assert files(tmp_path) == [FIRST, "audit-1-2026-03-03.jsonl"]
    assert check(tmp_path).ok


def test_several_processes_have_a_chain_each(tmp_path: Path) -> None:
    clock = FakeClock()
    first, second = open_store(tmp_path, clock), open_store(tmp_path, clock)
    write(first, clock, 2)
    write(second, clock, 3)
    first.close()
    third = open_store(tmp_path, clock)  # takes the slot that is free again
    write(third, clock, 1)
    second.close()
    third.close()
    assert (numbers(tmp_path, 1), numbers(tmp_path, 2)) == ([1, 2, 3], [1, 2, 3])
    assert check(tmp_path).slots == 2
    assert check(tmp_path).ok


def test_keys_are_rotated(tmp_path: Path) -> None:
    clock, fresh = FakeClock(), "fedcba9876543210fedcba9876543210"
    restart(tmp_path, clock)
    both = audit_keys(fresh, [SECRET])
    restart(tmp_path, clock, both)
    assert len({line["kid"] for line in lines(tmp_path)}) == 2
    assert check(tmp_path, both).ok
    assert not check(tmp_path, audit_keys(fresh)).ok


def test_a_lost_key_is_told(tmp_path: Path) -> None:
    clock = FakeClock()
    restart(tmp_path, clock)
    fresh = audit_keys("fedcba9876543210fedcba9876543210")
    restart(tmp_path, clock, fresh)
    assert "unknown key" in events(tmp_path, "recovered")[0]["why"]
    assert len(problems(tmp_path, fresh)) == 3, "two lines, and the head that was not believed"


@pytest.mark.parametrize("torn", [b'{"event":{"act', b"\0" * 70_000, b"half a line\n"])
def test_a_torn_line_is_moved_and_told(tmp_path: Path, torn: bytes) -> None:
    clock = write_log(tmp_path, days=1)
    with (tmp_path / FIRST).open("ab") as file:
        file.write(torn)
    restart(tmp_path, clock)
    assert (tmp_path / f"{FIRST}.torn").read_bytes() == torn
    assert events(tmp_path, "recovered") == [
        {"what": "a torn line was moved away", "file": FIRST, "bytes": str(len(torn))}
    ]
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6, 7]
    assert check(tmp_path).ok, "nothing that was on disk is missing"


def test_a_torn_line_that_had_been_written_is_missed(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=1)
    (tmp_path / FIRST).write_bytes((tmp_path / FIRST).read_bytes()[:-10])
    restart(tmp_path, clock)
    assert [found["what"] for found in events(tmp_path, "recovered")] == [
        "a torn line was moved away",
        "the end of the log was not what the head says",
    ]
    [found] = problems(tmp_path)
    assert "is line 5 where 4 belongs: lines were removed" in found


def test_a_crash_before_the_head_was_written_is_no_problem(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    write(store, clock)
    store.write([event(clock)])
    store.close()
    assert read_head(tmp_path, 1, KEYS).seq == 3
    restart(tmp_path, clock)
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]
    assert not events(tmp_path, "recovered")
    assert check(tmp_path).ok


def test_a_crash_before_the_first_line_of_a_day_is_no_problem(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=1)
    (tmp_path / "audit-1-2026-03-02.jsonl").touch()
    restart(tmp_path, clock)
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]
    assert check(tmp_path).ok


def test_a_removed_end_stays_visible(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=2)
    (tmp_path / "audit-1-2026-03-02.jsonl").unlink()
    restart(tmp_path, clock)
    assert events(tmp_path, "recovered")[0]["found_seq"] == "4"
    assert numbers(tmp_path) == [1, 2, 3, 4, 9, 10, 11]
    [found] = problems(tmp_path)
    assert "is line 9 where 5 belongs" in found


def test_a_replaced_end_stays_visible(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=1)
    text = (tmp_path / FIRST).read_text().replace('"request_id":"r3"', '"request_id":"r9"')
    (tmp_path / FIRST).write_text(text)
    restart(tmp_path, clock)
    assert f"{FIRST}:4 was changed after it was written" in problems(tmp_path)
    assert events(tmp_path, "recovered")[0]["known_seq"] == "4"


@pytest.mark.parametrize("head", [None, b"", b"{}"])
def test_a_removed_head_stays_visible(tmp_path: Path, head: bytes | None) -> None:
    clock = write_log(tmp_path, days=1)
    (tmp_path / "audit-1.head").unlink()
    if head is not None:
        (tmp_path / "audit-1.head").write_bytes(head)
    restart(tmp_path, clock)
    [found] = problems(tmp_path)
    assert "continued without a head that could be believed" in found


def test_the_evidence_is_kept_until_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, or a full disk, between the discovery and the event that tells of it."""
    clock = write_log(tmp_path, days=2)
    (tmp_path / "audit-1-2026-03-02.jsonl").unlink()
    store = Store(tmp_path, KEYS, 30, clock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _full)
        with pytest.raises(OSError, match="No space"):
            store.settle()
    store.close()
    assert read_head(tmp_path, 1, KEYS).seq == 8
    restart(tmp_path, clock)
    assert events(tmp_path, "recovered")


def _full(opened: int) -> None:
    raise OSError(28, "No space left on device")


def test_retention_is_announced(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=3)
    (tmp_path / f"{FIRST}.torn").write_bytes(b"x")
    last = lines(tmp_path)[3]
    clock.forward(days=29)  # the second of April: the first of March is 32 days old
    open_store(tmp_path, clock).close()
    assert files(tmp_path) == ["audit-1-2026-03-03.jsonl", "audit-1-2026-04-02.jsonl"]
    assert not list(tmp_path.glob("*.torn"))
    assert events(tmp_path, "retention")[0] == {"file": FIRST, "last_seq": "4", "last_hash": last["hash"]}
    assert check(tmp_path).ok


def test_retention_comes_with_each_day(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock, days=3)
    for _ in range(20):
        write(store, clock)
        assert check(tmp_path).ok
        clock.forward(days=1)
    assert len(files(tmp_path)) == 4
    clock.forward(days=50)  # nothing was written in between
    store.settle()
    write(store, clock)
    store.close()
    assert len(files(tmp_path)) == 1
    assert check(tmp_path).ok


def test_a_removal_is_no_retention(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=3)
    clock.forward(days=28)  # retires the first day
    open_store(tmp_path, clock).close()
    assert check(tmp_path).ok
    (tmp_path / "audit-1-2026-03-02.jsonl").unlink()
    [found] = problems(tmp_path)
    assert found.startswith("audit-1-2026-03-03.jsonl:1 is line 9 where 1 belongs")


def test_a_crash_between_the_announcement_and_the_removal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = write_log(tmp_path, days=3)
    clock.forward(days=29)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: _full(0))
        open_store(tmp_path, clock).close()
    assert len(files(tmp_path)) == 4
    assert check(tmp_path).ok
    open_store(tmp_path, clock).close()
    assert files(tmp_path) == ["audit-1-2026-03-03.jsonl", "audit-1-2026-04-02.jsonl"]
    assert check(tmp_path).ok


def test_retention_reaches_slots_that_nobody_holds(tmp_path: Path) -> None:
    clock = FakeClock()
    first, second, third = (open_store(tmp_path, clock) for _ in range(3))
    for store in (first, second, third):
        write(store, clock)
    third.close()
    clock.forward(days=40)
    first.settle()
    assert [file.day.day for slot in (1, 2, 3) for file in day_files(tmp_path, slot)] == [10, 1, 10]
    assert check(tmp_path).ok
    first.close()
    second.close()


def test_a_file_that_was_tampered_with_is_kept(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=2)
    text = (tmp_path / FIRST).read_text().replace('"request_id":"r3"', '"request_id":"r9"')
    (tmp_path / FIRST).write_text(text)
    clock.forward(days=40)
    open_store(tmp_path, clock).close()
    assert FIRST in files(tmp_path)
    assert not check(tmp_path).ok


def test_a_renamed_file_is_not_retired_early(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=2)
    (tmp_path / FIRST).rename(tmp_path / "audit-1-2025-03-01.jsonl")
    open_store(tmp_path, clock).close()
    assert "audit-1-2025-03-01.jsonl" in files(tmp_path)
    assert not check(tmp_path).ok


def test_a_removed_file_is_noticed_while_it_is_written(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    write(store, clock)
    (tmp_path / FIRST).unlink()
    write(store, clock)
    store.close()
    assert numbers(tmp_path) == [4, 5, 6, 7]
    assert events(tmp_path, "recovered")[0]["known_seq"] == "3"
    assert any("where 1 belongs: lines were removed" in found for found in problems(tmp_path))


def test_a_removed_folder_is_not_made_again(tmp_path: Path) -> None:
    """It may be a volume that is not mounted at the moment."""
    folder, clock = tmp_path / "audit", FakeClock()
    store = open_store(folder, clock)
    write(store, clock)
    folder.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            write(store, clock)
    assert not folder.exists()
    (tmp_path / "away").rename(folder)
    write(store, clock)
    store.close()
    assert numbers(folder) == [1, 2, 3, 4, 5, 6]
    assert check(folder).ok


def test_a_folder_that_comes_back_empty(tmp_path: Path) -> None:
    folder, clock = tmp_path / "audit", FakeClock()
    store = open_store(folder, clock)
    write(store, clock)
    shutil.rmtree(folder)
    folder.mkdir()
    write(store, clock)
    store.close()
    assert numbers(folder)[0] == 4
    assert not check(folder).ok


def test_a_stolen_lock_is_noticed(tmp_path: Path) -> None:
    clock = FakeClock()
    first = open_store(tmp_path, clock)
    write(first, clock)
    (tmp_path / "audit-1.lock").unlink()
    second = open_store(tmp_path, clock)
    write(second, clock)
    write(first, clock)
    first.close()
    second.close()
    assert (numbers(tmp_path, 1), numbers(tmp_path, 2)) == ([1, 2, 3, 4, 5, 6], [1, 2, 3])
    assert check(tmp_path).ok


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder, other = tmp_path / "audit", tmp_path / "other"
    folder.mkdir()
    other.write_text("precious")
    (folder / FIRST).symlink_to(other)
    with pytest.raises(OSError, match="symbolic"):
        open_store(folder, FakeClock())
    assert other.read_text() == "precious"


def test_what_cannot_work_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="the audit log cannot be in") as refused:
        Store(tmp_path / "file" / "audit", KEYS, 30, FakeClock())
    assert "\n" not in str(refused.value)
    with pytest.raises(OSError, match="the audit log cannot be in"):
        Store(tmp_path / "file", KEYS, 30, FakeClock())
    with pytest.raises(ValueError, match="needs a key"):
        Store(tmp_path, {}, 30, FakeClock())
    with pytest.raises(ValueError, match="one day"):
        Store(tmp_path, KEYS, 0, FakeClock())


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OSError, match="it is not writable"):
        Store(tmp_path, KEYS, 30, FakeClock())


def test_the_head_is_what_the_documentation_says(tmp_path: Path) -> None:
    write_log(tmp_path, days=1)
    head, last = json.loads((tmp_path / "audit-1.head").read_text()), lines(tmp_path)[-1]
    assert head.keys() == {"seq", "hash", "kid", "mac"}
    assert End(head["seq"], head["hash"]) == End(last["seq"], last["hash"])
