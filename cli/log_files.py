"""The log files of `doctorai up`: begun, read once from their end, or followed."""

from __future__ import annotations

import io
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cli.log_lines import Line, Wanted, in_order, read_line, stamped

FOLDER = Path(".doctorai/logs")
"""Where `doctorai up` keeps them, unless its --data says otherwise."""
_ASIDE = ".1"
_KEPT_BYTES = 10 * 1000 * 1000
"""A file that is longer at a start is put aside."""
_POLL_S = 0.25
_FIRST_BYTES = 256 * 1024
_MOST_BYTES = 64 * 1024 * 1024
"""Of one file, where all is to be kept or has just come: of a longer one the end is read."""


def begin_run(log: Path) -> None:
    """Keeps what former runs wrote: ``<name>.log`` goes on, and becomes ``<name>.log.1`` where it is long."""
    size = log.stat().st_size if log.exists() else 0
    if size > _KEPT_BYTES:
        log.replace(log.with_name(log.name + _ASIDE))
    elif size:
        with log.open("rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                file.write(b"\n")  # a run that was killed ended amid a line: the next one's first must stand alone


@dataclass
class LogFile:
    """One process's file, from where it was read last. A file that has become shorter was begun anew."""

    path: Path
    at: int = 0
    rest: bytes = b""
    latest: dict[str, datetime] = field(default_factory=dict)

    @property
    def source(self) -> str:
        return self.path.name.removesuffix(_ASIDE).removesuffix(".log")

    def last(self, wanted: Wanted, count: int) -> list[Line]:
        """The last ``count`` that are wanted, all with 0; of a long file no more is read than they need.

        What is not wanted is not kept: memory goes with what is shown. Nothing of a file that has gone.
        """
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                window = _FIRST_BYTES if count else _MOST_BYTES
                while True:
                    final = window >= size or not count
                    found = self._chosen(file, max(0, size - window), wanted, count, final=final)
                    if final or len(found) >= count > 0:
                        return list(found)
                    window *= 4
        except OSError:
            return []

    def _chosen(self, file: BinaryIO, start: int, wanted: Wanted, count: int, *, final: bool) -> deque[Line]:
        """Unless ``final``, without those at the beginning whose time stands before ``start``."""
        self.rest, self.latest = b"", {}
        file.seek(start)
        if start:
            file.readline()  # its beginning is missing
        lines = (line for line in self._stamped(file) if final or line.at)
        chosen = deque((line for line in lines if wanted.takes(line)), maxlen=count or None)
        self.at = file.tell()
        return chosen

    def new_lines(self) -> list[Line]:
        """What came since; a line that is not whole yet waits. Nothing of a file that has gone."""
        try:
            size = self.path.stat().st_size
            if size < self.at:
                self.at, self.rest = 0, b""
            with self.path.open("rb") as file:
                file.seek(max(self.at, size - _MOST_BYTES))
                data = self.rest + file.read()
                self.at = file.tell()
        except OSError:
            return []
        self.rest = b""
        return list(self._stamped(io.BytesIO(data)))

    def _stamped(self, lines: Iterable[bytes]) -> Iterator[Line]:
        return stamped(self._whole(lines), self.latest)

    def _whole(self, lines: Iterable[bytes]) -> Iterator[Line]:
        for raw in lines:
            if not raw.endswith(b"\n"):
                self.rest += raw
            elif raw.strip():
                yield read_line(raw.decode(errors="replace"), self.source)


class LogFolder:
    """All files of a folder; those that come later, too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Path, LogFile] = {}

    def sources(self) -> list[str]:
        """Whose logs there are."""
        return sorted({LogFile(path).source for path in (*self._now(), *self._aside())})

    def last(self, wanted: Wanted, count: int) -> list[Line]:
        """The last ``count`` that are wanted, all with 0, by time; also of what was put aside at a start."""
        files = [LogFile(path) for path in self._now()]
        self._files = {file.path: file for file in files}
        every = [*map(LogFile, self._aside()), *files]
        return in_order(line for file in every for line in file.last(wanted, count))[-count:]  # [-0:] is all of them

    def new_lines(self) -> list[Line]:
        """What came since the last look, file by file."""
        for path in self._now():
            self._files.setdefault(path, LogFile(path))
        return [line for file in self._files.values() for line in file.new_lines()]

    def follow(self) -> Iterator[list[Line]]:
        """What comes, for ever."""
        while True:
            time.sleep(_POLL_S)
            yield self.new_lines()

    def _now(self) -> list[Path]:
        return sorted(self._folder.glob("*.log"))

    def _aside(self) -> list[Path]:
        return sorted(self._folder.glob(f"*.log{_ASIDE}"))
