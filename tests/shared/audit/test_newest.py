"""The log page by page from its end: in order, whole, and never more of it than is asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from shared.audit import backwards
from shared.audit.asked import Asked
from shared.audit.backwards import blocks_before, lines_of
from shared.audit.chain import LONGEST_LINE
from shared.audit.keys import audit_keys
from shared.audit.newest import Cursor, newest
from shared.audit.slot_reader import Found
from tests.shared.audit.helpers import KEYS, NOON, FakeClock, event, files, open_store, write, write_log

EVERYTHING = Asked()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each of these small logs is many blocks."""
    monkeypatch.setattr(backwards, "_BLOCK", 700)


def read(folder: Path, asked: Asked = EVERYTHING, limit: int = 3, most_read: int = 1 << 20) -> list[list[Found]]:
    """Every page to the end."""
    pages: list[list[Found]] = []
    cursor: Cursor | None = None
    while cursor or cursor is None:
        page = newest(folder, asked, KEYS, limit, cursor, most_read)
        assert page.cursor != cursor, "it goes on"
        pages.append(list(page.found))
        cursor = page.cursor
    return pages


def everything(folder: Path, asked: Asked = EVERYTHING, **how: int) -> list[Found]:
    return [found for page in read(folder, asked, **how) for found in page]


def said(found: list[Found], field: str = "request_id") -> list[str]:
    return [str(one.line.event[field]) if one.line else "damaged" for one in found]


def seqs(found: list[Found]) -> list[int]:
    return [one.line.seq if one.line else 0 for one in found]


def two_slots(folder: Path) -> FakeClock:
    """Two gateways that write in turn, a minute apart."""
    clock = FakeClock()
    stores = [open_store(folder, clock) for _ in range(2)]
    for number in range(8):
        clock.forward(minutes=1)
        stores[number % 2].write([event(clock, number)])
    for store in stores:
        store.close()
    return clock


def damage(folder: Path, old: bytes, new: bytes, file: int = 0) -> None:
    path = folder / files(folder)[file]
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


@pytest.mark.parametrize("limit", [1, 3, 8, 500])
def test_all_lines_of_all_days_once_the_newest_first(tmp_path: Path, limit: int) -> None:
    write_log(tmp_path, days=3, a_day=5)
    pages = read(tmp_path, limit=limit)
    assert seqs([found for page in pages for found in page]) == list(range(15, 0, -1))
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


def test_slots_are_merged_by_time(tmp_path: Path) -> None:
    two_slots(tmp_path)
    found = everything(tmp_path, limit=3)
    assert said(found) == [f"r{number}" for number in reversed(range(8))]
    assert [one.slot for one in found] == [2, 1] * 4


def test_an_empty_log_and_one_without_lines(tmp_path: Path) -> None:
    assert newest(tmp_path, EVERYTHING, KEYS, 10) == ([], {})
    open_store(tmp_path, FakeClock()).close()
    assert newest(tmp_path, EVERYTHING, KEYS, 10) == ([], {})


def test_what_comes_meanwhile_does_not_shift_the_next_page(tmp_path: Path) -> None:
    clock = write_log(tmp_path, days=1, a_day=4)
    first = newest(tmp_path, EVERYTHING, KEYS, 2)
    store = open_store(tmp_path, clock)
    write(store, clock, 3)
    store.close()
    second = newest(tmp_path, EVERYTHING, KEYS, 5, first.cursor)
    assert seqs([*first.found, *second.found]) == [4, 3, 2, 1]
    assert not second.cursor


def test_a_file_that_is_retired_between_two_pages(tmp_path: Path) -> None:
    write_log(tmp_path, days=3, a_day=3)
    first = newest(tmp_path, EVERYTHING, KEYS, 4)
    (tmp_path / files(tmp_path)[1]).unlink()
    rest = newest(tmp_path, EVERYTHING, KEYS, 9, first.cursor)
    assert (seqs(list(rest.found)), rest.cursor) == ([3, 2, 1], {})


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        (Asked(action="chat"), [1]),
        (Asked(outcome="RATE_LIMITED"), [2]),
        (Asked(subject="a" * 32), [3]),
        (Asked(model="tumor"), [4, 1]),
        (Asked(request_id="r0"), [0]),
        (Asked(model="tumor", action="predict"), [4]),
        (Asked(request_id="r"), []),
        (Asked(since=NOON + timedelta(minutes=3)), [4, 3]),
        (Asked(until=NOON + timedelta(minutes=2)), [1, 0]),
        (Asked(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=2)), [1]),
        (Asked(since=NOON + timedelta(days=9)), []),
        (Asked(until=NOON - timedelta(days=9)), []),
    ],
)
def test_filters(tmp_path: Path, asked: Asked, numbers: list[int]) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    others: list[dict[str, str]] = [
        {},
        {"action": "chat", "model": "tumor"},
        {"outcome": "RATE_LIMITED"},
        {"subject": "a" * 32},
        {"model": "tumor"},
    ]
    for number, fields in enumerate(others):
        store.write([event(clock, number, **fields)])
        clock.forward(minutes=1)
    store.close()
    assert said(everything(tmp_path, asked)) == [f"r{number}" for number in numbers]


def test_times_far_back_are_found_without_reading_what_is_newer(tmp_path: Path) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock, days=365)
    for number in range(300):
        store.write([event(clock, number)])
        clock.forward(hours=3)
    store.close()
    since = NOON + timedelta(hours=30)
    asked = Asked(since=since, until=since + timedelta(hours=6))
    page = newest(tmp_path, asked, KEYS, 100, most_read=4000)
    assert (said(list(page.found)), page.cursor) == (["r11", "r10"], {})


@pytest.mark.parametrize("asked", [EVERYTHING, Asked(request_id="r0"), Asked(request_id="none")])
@pytest.mark.parametrize("most_read", [1, 500, 5000])
def test_little_is_read_at_once_and_nothing_is_missed(tmp_path: Path, asked: Asked, most_read: int) -> None:
    two_slots(tmp_path)
    write_log(tmp_path / "more", days=3, a_day=3)
    for folder in (tmp_path, tmp_path / "more"):
        found = everything(folder, asked, most_read=most_read)
        assert [one.line for one in found] == [one.line for one in everything(folder, asked)]
    pages = read(tmp_path, Asked(request_id="none"), most_read=1)
    assert len(pages) > 2
    assert not any(pages)


@pytest.mark.parametrize("asked", [EVERYTHING, Asked(model="xray"), Asked(since=NOON - timedelta(days=1))])
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'"outcome":"ok"', b'"outcome": "ok"', "is not in the form of this log"),
        (b'{"event"', b"\xff", "is not JSON"),
        (b',"v":1}\n', b"", "is not JSON"),
    ],
)
def test_a_damaged_line_is_there_with_its_problem(
    tmp_path: Path, asked: Asked, old: bytes, new: bytes, problem: str
) -> None:
    write_log(tmp_path, days=2, a_day=3)
    damage(tmp_path, old, new, file=1)
    found = everything(tmp_path, asked, limit=2)
    damaged = [one for one in found if one.line is None]
    assert [one.problem for one in damaged] == [f"audit-1-2026-03-02.jsonl, at byte 0: {problem}"]
    assert set(seqs(found)) >= {1, 2, 3, 6}


def test_a_line_that_was_changed_is_there_with_what_it_says_now(tmp_path: Path) -> None:
    write_log(tmp_path, days=1, a_day=3)
    damage(tmp_path, b'"xray"', b'"tumor"')
    (changed,) = everything(tmp_path, Asked(model="tumor"))
    assert changed.line
    assert (changed.line.seq, changed.problem) == (1, "was changed after it was written")
    assert [one.problem for one in newest(tmp_path, EVERYTHING, {}, 9).found] == [None] * 3, "no key, no judgement"


def test_half_a_line_at_the_end(tmp_path: Path) -> None:
    write_log(tmp_path, days=1, a_day=3)
    path = tmp_path / files(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:-9])
    found = everything(tmp_path)
    assert seqs(found) == [0, 2, 1]
    assert "is torn, or being written" in str(found[0].problem)


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backwards, "_BLOCK", LONGEST_LINE * 2)
    write_log(tmp_path, days=2, a_day=2)
    path = tmp_path / files(tmp_path)[0]
    path.write_bytes(b"x" * LONGEST_LINE * 9)
    with path.open("rb") as file:
        pieces = [block for _, block in blocks_before(file, path.stat().st_size)]
    assert len(b"".join(pieces)) == LONGEST_LINE * 9
    assert max(map(len, pieces)) <= LONGEST_LINE * 3
    assert seqs(everything(tmp_path))[:2] == [4, 3]


def test_lines_of_any_length_over_any_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(b"%d" % number * (number % 7) + b"\n" for number in range(100)) + b"no end"
    path = tmp_path / "lines"
    path.write_bytes(data)
    for block in (1, 2, 3, 7, 64, 1 << 16):
        monkeypatch.setattr(backwards, "_BLOCK", block)
        with path.open("rb") as file:
            found = [line for begin, some in blocks_before(file, 1 << 40) for line in lines_of(begin, some)]
        assert [raw for _, raw in reversed(found)] == data.splitlines(keepends=True)
        assert all(data[begin:].startswith(raw) for begin, raw in found)


def test_a_line_with_an_absurd_time_stops_nothing(tmp_path: Path) -> None:
    write_log(tmp_path, days=1, a_day=3)
    damage(tmp_path, b'"time":"2026-03-01T12:00:00Z"', b'"time":"0001-01-01T00:00:00+23:00"')
    assert sorted(seqs(everything(tmp_path))) == [1, 2, 3]
    assert seqs(everything(tmp_path, Asked(since=NOON))) == [3, 2, 1]


@pytest.mark.parametrize("forged", [b"1971-01-01", b"9998-01-01"])
def test_a_forged_time_hides_no_other_line(tmp_path: Path, forged: bytes) -> None:
    clock = FakeClock()
    store = open_store(tmp_path, clock)
    for number in range(20):
        store.write([event(clock, number)])
        clock.forward(minutes=20)
    store.close()
    path = tmp_path / files(tmp_path)[0]
    raw = path.read_bytes().splitlines(keepends=True)
    raw[9] = raw[9].replace(b"2026-03-01", forged)
    path.write_bytes(b"".join(raw))
    asked = Asked(since=NOON + timedelta(minutes=40), until=NOON + timedelta(minutes=20 * 18))
    assert said(everything(tmp_path, asked)) == [f"r{number}" for number in reversed(range(2, 18)) if number != 9]
    wanted = Asked(since=asked.since, until=asked.until, request_id="r3")
    assert said(everything(tmp_path, wanted)) == ["r3"]


def test_lines_of_an_unknown_key_are_found_by_their_time(tmp_path: Path) -> None:
    write_log(tmp_path, days=4, a_day=30)
    asked = Asked(since=NOON + timedelta(hours=20), until=NOON + timedelta(days=2))
    page = newest(tmp_path, asked, audit_keys("another secret of thirty-two bytes"), 100)
    assert seqs(list(page.found)) == list(range(60, 30, -1))
    assert {str(found.problem)[:30] for found in page.found} == {"is signed with an unknown key "}
