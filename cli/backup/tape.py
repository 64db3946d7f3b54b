"""The tar format, as narrow as it can be: regular files with plain headers. Any tar reads it; we read nothing else.

`tarfile` reads extended headers of any size into memory, and knows links and devices; an archive that somebody made to
do harm never gets that far here.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from cli.show import Failure

BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20
_LARGEST_USTAR = 8 << 30
_ZERO = bytes(BLOCK)


class Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass
class Member:
    """A file as it comes along; ``chunks`` reads it once."""

    name: str
    size: int
    mode: int
    stream: Reader
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        self._left = self.size

    def chunks(self) -> Iterator[bytes]:
        """Its bytes. Raises Failure when the archive ends before them."""
        while self._left:
            chunk = _exactly(self.stream, min(CHUNK, self._left))
            self._left -= len(chunk)
            yield chunk
        if _exactly(self.stream, -self.size % BLOCK).strip(b"\0"):
            raise Failure("there is something between two of its files")


def write_member(out: BinaryIO, name: str, file: Reader, size: int, mode: int) -> str:
    """Writes ``size`` bytes of ``file``; their SHA-256. Raises Failure for fewer, or a name that is too long."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    try:
        header = info.tobuf(tarfile.USTAR_FORMAT if size < _LARGEST_USTAR else tarfile.GNU_FORMAT)
    except ValueError:
        header = b""
    if len(header) != BLOCK:
        raise Failure(f"{name}: its name is too long for an archive")
    out.write(header)
    digest, left = hashlib.sha256(), size
    while left:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise Failure(f"{name} became shorter while it was read; try again")
        out.write(chunk)
        digest.update(chunk)
        left -= len(chunk)
    out.write(bytes(-size % BLOCK))
    return digest.hexdigest()


def write_end(out: BinaryIO) -> None:
    out.write(_ZERO * 2)


def read_members(stream: Reader) -> Iterator[Member]:
    """Each file in turn; it must be read before the next. Raises Failure for whatever we did not write."""
    while (block := _exactly(stream, BLOCK)) != _ZERO:
        member = _member(block, stream)
        yield member
    if _exactly(stream, BLOCK) != _ZERO or stream.read(1):
        raise Failure("there is something behind its end")


def _member(block: bytes, stream: Reader) -> Member:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError):
        raise Failure("a header in it is damaged") from None
    if info.type != tarfile.REGTYPE or info.size < 0:
        raise Failure(f"{info.name!r} is a link, a device or another thing that is never in a backup")
    return Member(info.name, info.size, info.mode & 0o777, stream)


def _exactly(stream: Reader, size: int) -> bytes:
    found = b""
    while len(found) < size:
        chunk = stream.read(size - len(found))
        if not chunk:
            raise Failure("it ends too early")
        found += chunk
    return found
