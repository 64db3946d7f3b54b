"""The log files of `doctorai up`, read once or followed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.log_lines import Line, read_line

_POLL_S = 0.25
_MOST_BYTES = 64 * 1024 * 1024
"""Of one file: of a longer one the end is read."""


@dataclass
class LogFile:
    """One process's file, from where it was read last. A file that has become shorter was begun anew."""

    path: Path
    at: int = 0
    rest: bytes = b""

    @property
    def source(self) -> str:
        return self.path.stem

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
        *whole, self.rest = data.split(b"\n")
        return [read_line(raw.decode(errors="replace"), self.source) for raw in whole if raw.strip()]


class LogFolder:
    """All files of a folder; those that come later, too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Path, LogFile] = {}

    def new_lines(self) -> list[Line]:
        """What came since the last look, file by file."""
        for path in sorted(self._folder.glob("*.log")):
            self._files.setdefault(path, LogFile(path))
        return [line for file in self._files.values() for line in file.new_lines()]

    def follow(self) -> Iterator[list[Line]]:
        """What comes, for ever."""
        while True:
            time.sleep(_POLL_S)
            yield self.new_lines()
