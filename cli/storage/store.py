"""What a storage of models is.

Failure
└── StorageError    nothing can be had from it now: not reached, refused
BlobError           one blob cannot be had; others can
└── Changed         it was written anew since it was listed
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cli.show import Failure

Advance = Callable[[int], None]
"""Told of each number of bytes that was transferred."""


class StorageError(Failure):
    """The storage cannot be used; in words that hold no credential."""


class BlobError(Exception):
    """One blob cannot be had, or is not what it should be."""


class Changed(BlobError):
    """The blob was written anew since it was listed."""


@dataclass(frozen=True)
class Blob:
    """``etag`` is another after each change. The checksums are what the uploader said, where it did."""

    name: str
    size: int  # bytes
    etag: str
    sha256: str | None = None
    md5: bytes | None = None


class Store(Protocol):
    """Another storage, of S3 for instance, has these three."""

    where: str
    """For people: host and container."""

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        """All whose names begin so. Raises StorageError."""

    def read(self, blob: Blob, offset: int = 0) -> Iterator[bytes]:
        """From byte ``offset`` < size on. Raises StorageError, BlobError, and Changed unless the tag still is its."""

    def write(self, name: str, file: Path, sha256: str, advance: Advance, *, anew: bool) -> None:
        """``anew``: also over what is there; else raises BlobError for that. Raises StorageError."""
