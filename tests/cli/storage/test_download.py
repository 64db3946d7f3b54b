"""One blob to a file, from a storage that does what no real one should."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from cli.storage.download import Stopped, fetch, is_content, part_of
from cli.storage.store import Advance, Blob, BlobError

DATA = bytes(range(256)) * 20
SHA256 = hashlib.sha256(DATA).hexdigest()
BLOB = Blob("xray/1.0.0/model.tflite", len(DATA), "tag")


class Fake:
    """``offsets``: from where on it was asked."""

    where = "nowhere"

    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.offsets: list[int] = []

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        yield BLOB

    def read(self, blob: Blob, offset: int = 0) -> Iterator[bytes]:
        self.offsets.append(offset)
        for at in range(offset, len(self.data), 1000):
            yield self.data[at : at + 1000]

    def write(self, name: str, file: Path, sha256: str, advance: Advance, *, anew: bool) -> None:
        raise NotImplementedError


def get(store: Fake, part: Path, sha256: str | None = SHA256, blob: Blob = BLOB) -> int:
    """The bytes that the progress was told of."""
    told: list[int] = []
    assert fetch(store, blob, part, sha256, told.append, Event()) == hashlib.sha256(part.read_bytes()).hexdigest()
    return sum(told)


@pytest.mark.parametrize("there", [0, 1, 1000, len(DATA)])
def test_only_the_rest_is_asked_for(tmp_path: Path, there: int) -> None:
    store, part = Fake(), tmp_path / "part"
    part.write_bytes(DATA[:there])
    assert get(store, part) == len(DATA)
    assert part.read_bytes() == DATA
    assert store.offsets == ([there] if there < len(DATA) else [])


@pytest.mark.parametrize("there", [bytes(1000), bytes(len(DATA)), DATA + b"more"])
def test_what_a_crash_left_is_fetched_anew(tmp_path: Path, there: bytes) -> None:
    store, part = Fake(), tmp_path / "part"
    part.write_bytes(there)
    assert get(store, part) == len(DATA)
    assert part.read_bytes() == DATA
    assert store.offsets[-1] == 0


@pytest.mark.parametrize("data", [DATA[:-1], DATA[:-1] + b"x", b""])
def test_what_is_not_right_is_refused_and_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BlobError, match="does not match its checksum"):
        get(Fake(data), tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


def test_more_than_was_said_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(BlobError, match="is longer than the 5120 bytes"):
        get(Fake(DATA * 1000), tmp_path / "part")
    assert (tmp_path / "part").stat().st_size <= len(DATA)


def test_the_uploaders_md5(tmp_path: Path) -> None:
    """What tools of Azure's keep of a file: all that is known of an original file."""
    right = Blob("Tumor.h5", len(DATA), "tag", md5=hashlib.md5(DATA, usedforsecurity=False).digest())
    get(Fake(), tmp_path / "right", None, right)
    assert is_content(tmp_path / "right", right, None)
    with pytest.raises(BlobError):
        get(Fake(DATA[:-1] + b"x"), tmp_path / "wrong", None, right)
    assert not is_content(tmp_path / "right", Blob("Tumor.h5", len(DATA), "tag"), None), "nobody says what it should be"


def test_a_stop_keeps_what_is_there(tmp_path: Path) -> None:
    stop = Event()

    def advance(count: int) -> None:
        if count:
            stop.set()

    with pytest.raises(Stopped):
        fetch(Fake(), BLOB, tmp_path / "part", SHA256, advance, stop)
    assert (tmp_path / "part").stat().st_size == 1000


def test_each_state_has_a_part_of_its_own(tmp_path: Path) -> None:
    others = (Blob(BLOB.name, BLOB.size, "other"), Blob("other", BLOB.size, "tag"), Blob(BLOB.name, 1, "tag"))
    assert len({part_of(tmp_path, blob) for blob in (BLOB, *others)}) == 4
