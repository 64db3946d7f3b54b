"""What is kept is told again: the newest of each, the note only to who asks and has the key."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.auth.keyring import Keyring
from gateway.feedback import book as module
from gateway.feedback.book import FeedbackBook
from gateway.feedback.journal import Journal
from shared.errors import FeedbackUnavailable
from tests.gateway.feedback.helpers import NOON, Clock, feedback, on_disk, told

FIRST, SECOND = "first secret of this test " * 2, "second secret of this test " * 2
NOTE = "Histology of Jane Doe says meningioma; ورم"


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def only_file(folder: Path) -> Path:
    (found,) = files(folder)
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def book(tmp_path: Path, clock: Clock) -> AsyncIterator[FeedbackBook]:
    made = FeedbackBook(tmp_path, 60, Keyring(FIRST), clock)
    await made.start()
    yield made
    await made.stop()


async def test_what_is_kept_is_told(book: FeedbackBook, tmp_path: Path) -> None:
    said = feedback(verdict="disagree", label="pneumonia", has_note=True)
    await book.add(said, NOTE)
    assert told(await book.export()) == [said.model_dump(mode="json")]
    assert told(await book.export(notes=True)) == [{**said.model_dump(mode="json"), "note": NOTE}]
    (line,) = on_disk(tmp_path)
    assert line.keys() == {*said.model_dump(), "sealed_note"}
    assert not any(word in str(line) for word in ("Jane", "Histology", "\\u0648"))


async def test_a_former_key_opens_notes_and_another_does_not(book: FeedbackBook, tmp_path: Path, clock: Clock) -> None:
    await book.add(feedback(has_note=True), NOTE)
    for keyring, note in ((Keyring(SECOND, [FIRST]), NOTE), (Keyring(SECOND), None)):
        (found,) = told(await FeedbackBook(tmp_path, 60, keyring, clock).export(notes=True))
        assert (found["has_note"], found["note"]) == (True, note)


async def test_a_note_that_is_moved_to_another_record_stays_shut(book: FeedbackBook, tmp_path: Path) -> None:
    await book.add(feedback(has_note=True), NOTE)
    path = only_file(tmp_path)
    path.write_text(path.read_text().replace('"u-1"', '"u-2"'))
    assert [record["note"] for record in told(await book.export(notes=True))] == [None]


async def test_the_newest_of_one_user_on_one_prediction_counts(book: FeedbackBook) -> None:
    later, second = NOON + timedelta(seconds=1), timedelta(seconds=1)
    await book.add(feedback(time=later, verdict="unsure"), None)
    await book.add(feedback(verdict="agree"), None)
    await book.add(feedback(time=NOON - second, user="u-2"), None)
    await book.add(feedback(time=later + second, predicted=later), None)
    found = [(record["user"], record["verdict"], record["predicted"]) for record in told(await book.export())]
    noon, after = "2026-03-15T12:00:00Z", "2026-03-15T12:00:01Z"
    assert found == [("u-2", "agree", noon), ("u-1", "unsure", noon), ("u-1", "agree", after)]


async def test_the_newest_counts_over_processes(book: FeedbackBook, tmp_path: Path, clock: Clock) -> None:
    other = FeedbackBook(tmp_path, 60, Keyring(FIRST), clock)
    await other.start()
    await other.add(feedback(time=NOON + timedelta(seconds=1), verdict="unsure"), None)
    await book.add(feedback(), None)
    assert len(files(tmp_path)) == 2
    assert [record["verdict"] for record in told(await book.export())] == ["unsure"]
    await other.stop()


async def test_of_one_model_since_then_and_not_too_old(book: FeedbackBook, clock: Clock) -> None:
    for day, model in enumerate(("xray", "tumor", "xray")):
        await book.add(feedback(time=NOON + timedelta(days=day), model=model, request_id=f"request-{day}"), None)
    since = NOON + timedelta(days=1)
    assert [record["request_id"][-1] for record in told(await book.export(model="xray"))] == ["0", "2"]
    assert [record["request_id"][-1] for record in told(await book.export(since=since))] == ["1", "2"]
    assert told(await book.export(model="heart")) == []
    clock.now = NOON + timedelta(days=61)
    assert [record["request_id"][-1] for record in told(await book.export())] == ["1", "2"]


async def test_damaged_lines_are_left_out(book: FeedbackBook, tmp_path: Path) -> None:
    await book.add(feedback(), None)
    path = only_file(tmp_path)
    good = path.read_bytes()
    bad = b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b"x" * 200_000 + b"\n", good[:-40]
    (tmp_path / "feedback-2026-03-00000000.jsonl").write_bytes(b"".join(bad))
    assert len(told(await book.export())) == 1


async def test_a_file_that_goes_meanwhile_is_left_out(book: FeedbackBook, tmp_path: Path) -> None:
    await book.add(feedback(), None)
    lines = await book.export()
    only_file(tmp_path).unlink()
    assert told(lines) == []


async def test_a_large_export_comes_in_chunks(book: FeedbackBook, tmp_path: Path) -> None:
    await book.add(feedback(), None)
    path = only_file(tmp_path)
    line = path.read_text()
    path.write_text("".join(line.replace("request-1", f"request-{number}") for number in range(1000)))
    chunks = list(await book.export())
    assert len(told(chunks)) == 1000
    assert 3 < len(chunks) < 20


async def test_a_full_disk_is_said_and_what_comes_later_is_kept(
    book: FeedbackBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(journal: Journal, line: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a path that nobody need know")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", full)
        with pytest.raises(FeedbackUnavailable, match=r"^The feedback cannot be kept: No space left on device\.$"):
            await book.add(feedback(), None)
    await book.add(feedback(), None)
    assert len(on_disk(tmp_path)) == 1


async def test_a_disk_that_hangs_is_given_up(book: FeedbackBook, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(Journal, "append", lambda *_: go.wait(10))
    with pytest.raises(FeedbackUnavailable, match="does not answer"):
        await book.add(feedback(), None)
    go.set()


async def test_a_folder_that_cannot_be_is_a_warning_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    book = FeedbackBook(tmp_path / "file" / "feedback", 60, Keyring(FIRST))
    with caplog.at_level(logging.WARNING):
        await book.start()
    with pytest.raises(FeedbackUnavailable, match="cannot be kept: Not a directory"):
        await book.add(feedback(), None)
    with pytest.raises(FeedbackUnavailable, match="cannot be read: Not a directory"):
        await book.export()
    await book.stop()


async def test_many_at_once_are_all_kept(book: FeedbackBook, tmp_path: Path) -> None:
    await asyncio.gather(*(book.add(feedback(request_id=f"request-{number}"), NOTE) for number in range(50)))
    assert len(on_disk(tmp_path)) == len(told(await book.export())) == 50
