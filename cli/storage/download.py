"""A blob to a file, going on where an earlier attempt ended, checked before it counts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from cli.storage.store import Advance, Blob, BlobError, Store
from cli.tools import sha256_of

_CHUNK = 1 << 20


class Stopped(Exception):
    """Another file failed, or the operator wants to stop; what is there stays for the next time."""


def part_of(parts: Path, blob: Blob) -> Path:
    """Where it is fetched to: another place after each change, so that two states never mix."""
    return parts / hashlib.sha256(f"{blob.name}\0{blob.etag}\0{blob.size}".encode()).hexdigest()[:40]


def fetch(store: Store, blob: Blob, part: Path, sha256: str | None, advance: Advance, stop: Event) -> str:
    """Fetches what ``part`` lacks; the SHA-256 of the whole.

    Raises BlobError, and leaves nothing, when it is not what it should be; OSError; StorageError.
    """
    resumed = _size(part)
    if resumed > blob.size:
        part.unlink()
        resumed = 0
    advance(resumed)
    digest = _append(store, blob, part, resumed, advance, stop)
    if _size(part) == blob.size and _is_right(part, blob, sha256, digest):
        return digest
    part.unlink()
    if resumed:  # what lay there may be what a crash left
        advance(-blob.size)
        return fetch(store, blob, part, sha256, advance, stop)
    raise BlobError(f"{blob.name} does not match its checksum: it was changed, or not uploaded whole")


def is_content(path: Path, blob: Blob, sha256: str | None) -> bool:
    """Whether a file is known to be what a blob is; ``sha256``, where somebody says it, decides."""
    if _size(path) != blob.size or not path.is_file():
        return False
    return bool(sha256 or blob.md5) and _is_right(path, blob, sha256, sha256_of(path))


def _is_right(path: Path, blob: Blob, sha256: str | None, digest: str) -> bool:
    if sha256 or blob.sha256:
        return digest == (sha256 or blob.sha256)
    return blob.md5 is None or _md5(path) == blob.md5


def _append(store: Store, blob: Blob, part: Path, start: int, advance: Advance, stop: Event) -> str:
    digest, size = hashlib.sha256(), start
    with part.open("ab+") as file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        for data in _rest(store, blob, start):
            if stop.is_set():
                raise Stopped
            size += len(data)
            if size > blob.size:
                raise BlobError(f"{blob.name} is longer than the {blob.size} bytes that the storage said")
            file.write(data)
            file.flush()  # what was fetched stays, however this ends
            digest.update(data)
            advance(len(data))
        os.fsync(file.fileno())
    return digest.hexdigest()


def _rest(store: Store, blob: Blob, start: int) -> Iterator[bytes]:
    return store.read(blob, start) if start < blob.size else iter(())


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _md5(path: Path) -> bytes:
    with path.open("rb") as file:
        # not for safety: it is what the storage keeps of what others uploaded
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
