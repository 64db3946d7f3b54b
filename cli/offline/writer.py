"""Writes an offline archive: in one go, nothing kept in memory, and whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from cli.offline.layout import BLOCK, SUMS
from cli.tools import Refusal, sha256_of


class Member(io.RawIOBase):
    """A member that is being written: its size and hash are known when it ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.size, self.sha256 = file, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        block = bytes(data)
        self._file.write(block)
        self.sha256.update(block)
        self.size += len(block)
        return len(block)


class ArchiveWriter:
    """A tar in the making. ``time``: seconds since 1970 that every member bears, so that the same gives the same."""

    def __init__(self, file: BinaryIO, time: int) -> None:
        self._file, self._time = file, time
        self._sums: dict[str, str] = {}

    @contextmanager
    def member(self, name: str, *, executable: bool = False) -> Iterator[IO[bytes]]:
        """What is written to it becomes ``name``; its header is written last, when its size is known."""
        start = self._file.tell()
        self._file.write(self._header(name, 0, executable))
        member = Member(self._file)
        yield cast(IO[bytes], member)
        self._file.write(bytes(-member.size % tarfile.BLOCKSIZE))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(self._header(name, member.size, executable))
        self._file.seek(end)
        self._sums[name] = member.sha256.hexdigest()

    def add(self, name: str, source: IO[bytes] | bytes | Path) -> None:
        """A file as it is, or bytes. Raises Refusal for a link: it may lead anywhere on the other machine."""
        if isinstance(source, Path):
            if source.is_symlink() or not source.is_file():
                raise Refusal(f"{source} is not a plain file: it cannot be in the archive")
            with source.open("rb") as file, self.member(name, executable=os.access(source, os.X_OK)) as member:
                shutil.copyfileobj(file, member, BLOCK)
            return
        with self.member(name) as member:
            shutil.copyfileobj(io.BytesIO(source) if isinstance(source, bytes) else source, member, BLOCK)

    def finish(self) -> None:
        """The list of sums, and the tar's end."""
        self.add(SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items())).encode())
        self._file.write(bytes(2 * tarfile.BLOCKSIZE))

    def _header(self, name: str, size: int, executable: bool) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, self._time, 0o755 if executable else 0o644
        return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


@contextmanager
def new_archive(target: Path, time: int) -> Iterator[ArchiveWriter]:
    """``target`` and ``target.sha256`` when all went well; otherwise what was there before, and nothing else."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part, beside = target.with_name(target.name + ".part"), target.with_name(target.name + ".sha256")
    with part.open("ab+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(f"{target} is being written by somebody else") from error
        try:
            with part.open("wb") as file:
                writer = ArchiveWriter(file, time)
                yield writer
                writer.finish()
                file.flush()
                os.fsync(file.fileno())
            digest = sha256_of(part)
            beside.unlink(missing_ok=True)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    beside.write_text(f"{digest}  {target.name}\n", encoding="ascii")
