"""Every way to tamper with a log is found, and a sound one is not accused."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit import follow
from shared.audit.chain import LONGEST_LINE, START, canonical, seal
from shared.audit.head import write_head
from shared.audit.keys import audit_keys
from shared.audit.places import DayFile
from shared.audit.verify import verify
from tests.shared.audit.helpers import (
    KEYS,
    NOON,
    FakeClock,
    check,
    event,
    files,
    open_store,
    problems,
    write,
    write_log,
)

FIRST, SECOND, THIRD = (f"audit-1-2026-03-0{day}.jsonl" for day in (1, 2, 3))
KID, KEY = next(iter(KEYS.items()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three days, four lines each."""
    write_log(tmp_path, days=3)
    return tmp_path


def read(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_a_sound_log(folder: Path) -> None:
    report = check(folder)
    assert report.ok
    assert (report.lines, report.files, report.slots) == (12, 3, 1)
    assert (report.first, report.last) == (NOON, NOON.replace(day=3))


@pytest.mark.parametrize(
    ("start", "end", "where", "what"),
    [
        (0, 1, f"{FIRST}:1", "lines were removed"),
        (1, 2, f"{FIRST}:2", "lines were removed"),
        (3, 4, f"{SECOND}:1", "lines were removed"),
        (5, 7, f"{SECOND}:2", "lines were removed"),
        (4, 8, f"{THIRD}:1", "lines were removed"),
        (11, 12, "audit-1.head:0", "its end was removed"),
        (8, 12, "audit-1.head:0", "its end was removed"),
        (0, 12, "audit-1.head:0", "its end was removed"),
    ],
)
def test_removed_lines(folder: Path, start: int, end: int, where: str, what: str) -> None:
    for number, name in enumerate(files(folder)):
        kept = [raw for at, raw in enumerate(read(folder / name), number * 4) if not start <= at < end]
        (folder / name).write_bytes(b"".join(kept))
    [found] = problems(folder)
    assert found.startswith(where)
    assert what in found


@pytest.mark.parametrize(("name", "where"), [(FIRST, SECOND), (SECOND, THIRD), (THIRD, "audit-1.head")])
def test_a_removed_file(folder: Path, name: str, where: str) -> None:
    (folder / name).unlink()
    [found] = problems(folder)
    assert found.startswith(where)
    assert "removed" in found


def test_all_files_removed(folder: Path) -> None:
    for name in files(folder):
        (folder / name).unlink()
    assert problems(folder) == ["audit-1.head:0 the log ends at 0, but reached 12: its end was removed"]


def test_swapped_files(folder: Path) -> None:
    shutil.move(folder / FIRST, folder / "kept")
    shutil.move(folder / SECOND, folder / FIRST)
    shutil.move(folder / "kept", folder / SECOND)
    assert problems(folder)


def test_an_inserted_line(folder: Path) -> None:
    forged, _ = seal(event(FakeClock(), 9), START, KID, b"not the key")
    found = read(folder / FIRST)
    (folder / FIRST).write_bytes(b"".join([*found[:2], forged, *found[2:]]))
    assert f"{FIRST}:3 was changed after it was written" in problems(folder)


def test_a_line_signed_with_another_key(folder: Path) -> None:
    assert any("unknown key" in found for found in problems(folder, audit_keys("another")))


def test_an_edited_line_is_one_problem(folder: Path) -> None:
    text = (folder / SECOND).read_text().replace('"request_id":"r2"', '"request_id":"r9"')
    (folder / SECOND).write_text(text)
    assert problems(folder) == [f"{SECOND}:3 was changed after it was written"]


@pytest.mark.parametrize("tail", [b'{"v":1,"se', b"\0" * 100])
def test_a_torn_end(folder: Path, tail: bytes) -> None:
    with (folder / THIRD).open("ab") as file:
        file.write(tail)
    assert problems(folder)[-1].endswith("is torn")


def test_a_line_that_is_too_long_hides_nothing(folder: Path) -> None:
    found = read(folder / THIRD)
    (folder / THIRD).write_bytes(b"".join([b"x" * 2 * LONGEST_LINE, b"\n", *found[1:]]))
    assert f"{THIRD}:1 is not JSON" in problems(folder)
    assert any("lines were removed" in what for what in problems(folder))


def test_a_torn_line_in_the_middle(folder: Path) -> None:
    (folder / FIRST).write_bytes((folder / FIRST).read_bytes()[:-1])
    assert f"{FIRST}:4 is torn" in problems(folder)


def test_heads(folder: Path) -> None:
    head = folder / "audit-1.head"
    good = head.read_bytes()
    for bad in (b"", b"[]", b"{}", b'{"seq":[],"hash":1,"kid":2,"mac":3}', b"[" * 4000, b"\xff"):
        head.write_bytes(bad)
        assert problems(folder) == ["audit-1.head:0 the head is damaged"], bad
    head.write_bytes(canonical({**json.loads(good), "seq": 3}))
    assert problems(folder) == ["audit-1.head:0 the head was changed after it was written"]
    head.unlink()
    assert problems(folder) == ["audit-1.head:0 the head is missing"]


def test_a_head_of_another_log(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_log(other, days=1, start=NOON.replace(hour=13))
    shutil.copy(other / "audit-1.head", folder / "audit-1.head")
    assert problems(folder) == ["audit-1.head:0 the head does not belong to these lines"]


def test_one_slot_cannot_pass_for_another(folder: Path) -> None:
    for path in folder.glob("audit-1*"):
        shutil.copy(path, path.with_name(path.name.replace("audit-1", "audit-2")))
    assert problems(folder) == ["audit-2.head:0 the head was changed after it was written"]


def test_a_removed_slot(tmp_path: Path) -> None:
    clock = FakeClock()
    stores = [open_store(tmp_path, clock) for _ in range(3)]
    for store in stores:
        write(store, clock)
        store.close()
    assert check(tmp_path).slots == 3
    for path in tmp_path.glob("audit-2*"):
        path.unlink()
    assert problems(tmp_path) == ["audit-2.head:0 slot 2 was removed: there are later ones"]


def test_a_file_that_claims_to_be_older(tmp_path: Path) -> None:
    """Retention would remove it too early."""
    write_log(tmp_path, days=1)
    (tmp_path / FIRST).rename(tmp_path / "audit-1-2026-01-01.jsonl")
    assert len(problems(tmp_path)) == 4
    assert problems(tmp_path)[0].endswith("is in the file of an earlier day")


def test_a_head_that_is_behind_is_no_problem(folder: Path) -> None:
    line = json.loads(read(folder / SECOND)[1])
    write_head(folder, 1, type(START)(line["seq"], line["hash"]), KID, KEY)
    assert check(folder).ok


def test_other_files_do_not_matter(folder: Path) -> None:
    for name in ("notes.txt", "audit-0-2026-03-01.jsonl", "audit-1-2026-99-99.jsonl", f"{FIRST}.torn"):
        (folder / name).write_text("anything")
    assert check(folder).ok


def test_problems_are_bounded(tmp_path: Path) -> None:
    (tmp_path / FIRST).write_bytes(b"x\n" * 1500)
    report = check(tmp_path)
    assert len(report.problems) == 1000
    assert report.more == 501, "the missing head, too"


@pytest.fixture(scope="module")
def sound() -> Iterator[dict[str, bytes]]:
    """The files of a log of two days, in memory."""
    with tempfile.TemporaryDirectory() as folder:
        write_log(Path(folder), days=2, a_day=3)
        yield {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def is_found(damaged: dict[str, bytes]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in damaged.items():
            (Path(folder) / name).write_bytes(data)
        return not check(Path(folder)).ok


@given(data=st.data())
def test_any_changed_byte_is_found(sound: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([FIRST, SECOND, "audit-1.head"]))
    at = data.draw(st.integers(0, len(sound[name]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != sound[name][at]))
    assert is_found({**sound, name: sound[name][:at] + bytes([byte]) + sound[name][at + 1 :]})


@given(data=st.data())
def test_any_removed_bytes_are_found(sound: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([FIRST, SECOND, "audit-1.head"]))
    start = data.draw(st.integers(0, len(sound[name]) - 1))
    end = data.draw(st.integers(start + 1, len(sound[name])))
    assert is_found({**sound, name: sound[name][:start] + sound[name][end:]})


@given(data=st.data())
def test_any_other_order_of_lines_is_found(sound: dict[str, bytes], data: st.DataObject) -> None:
    """Removed, swapped, repeated, moved to another place or file."""
    rows = [(name, raw) for name in (FIRST, SECOND) for raw in sound[name].splitlines(keepends=True)]
    whole = [raw for _, raw in rows]
    other = data.draw(st.lists(st.sampled_from(whole), max_size=9).filter(lambda found: found != whole))
    split = data.draw(st.integers(0, len(other)))
    assert is_found({**sound, FIRST: b"".join(other[:split]), SECOND: b"".join(other[split:])})


def test_a_log_that_is_being_written(tmp_path: Path) -> None:
    clock, stop = FakeClock(), threading.Event()
    store = open_store(tmp_path, clock, days=3)

    def work() -> None:
        while not stop.is_set():
            write(store, clock, 5)
            clock.forward(hours=1)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        end = time.monotonic() + 2
        seen = 0
        while time.monotonic() < end or not seen:
            report = verify(tmp_path, KEYS)
            assert report.problems == []
            seen = max(seen, report.lines)
    finally:
        stop.set()
        writer.join()
        store.close()
    assert check(tmp_path).ok


def test_a_file_that_is_retired_while_the_log_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NOON.replace(month=4, day=2))
    really = follow.day_files
    listed = iter([lambda: open_store(folder, clock).close()])

    def list_then_retire(folder: Path, slot: int) -> list[DayFile]:
        found = really(folder, slot)
        next(listed, lambda: None)()
        return found

    monkeypatch.setattr(follow, "day_files", list_then_retire)
    assert check(folder).problems == []
    assert FIRST not in files(folder)


def test_a_slot_that_is_being_opened(tmp_path: Path) -> None:
    (tmp_path / "audit-1.lock").touch()
    timer = threading.Timer(0.05, write_head, [tmp_path, 1, START, KID, KEY])
    timer.start()
    assert verify(tmp_path, KEYS, patience_s=0.5).ok
    timer.join()


def test_half_a_line_that_becomes_whole(folder: Path) -> None:
    path = folder / THIRD
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    timer = threading.Timer(0.1, path.write_bytes, [whole])
    write_head(folder, 1, START, KID, KEY)
    timer.start()
    assert verify(folder, KEYS, patience_s=30).ok
    timer.join()
