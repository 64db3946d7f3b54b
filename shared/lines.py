"""Writes log lines on a thread of its own: whoever reads standard error slowly holds up no request."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TextIO

_MOST_WAITING = 20_000
_GATHERED_S = 0.05
"""So long lines are gathered: a thread that woke up for each would cost more than the line."""
_LAST_S = 2.0
"""How long an exit waits for a reader that takes nothing."""


class LineWriter:
    """Writes to ``stream`` in the order of the calls. What its reader does not take is dropped, and counted."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[str | threading.Event] = deque()
        self._dropped = 0
        self._ended = False
        self._due, self._soon = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def write(self, line: str, *, soon: bool = False) -> None:
        """Takes ``line``, without its end. ``soon``: what waits is written at once."""
        if len(self._waiting) >= _MOST_WAITING:
            self._dropped += 1
            return
        self._put(line, soon=soon)

    def flush(self) -> None:
        """Returns when all lines are written, or after a while."""
        written = threading.Event()
        self._put(written, soon=True)
        written.wait(_LAST_S)

    def close(self) -> None:
        """The same; then the thread ends."""
        self._ended = True
        self._due.set()
        self._soon.set()
        self._thread.join(_LAST_S)

    def _put(self, item: str | threading.Event, *, soon: bool) -> None:
        self._waiting.append(item)
        if soon:
            self._soon.set()
        if not self._due.is_set():
            self._due.set()

    def _run(self) -> None:
        while not self._ended:
            self._due.wait()
            self._soon.wait(_GATHERED_S)
            self._due.clear()
            self._soon.clear()
            self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        lines = [item for item in waiting if isinstance(item, str)]
        try:
            if lines:
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()
        except (OSError, ValueError):  # nobody reads any more, or the stream is closed: there is nowhere to tell it
            pass
        for item in waiting:
            if isinstance(item, threading.Event):
                item.set()
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            logging.getLogger(__name__).warning("%d log lines dropped: their reader is too slow", dropped)


class LineHandler(logging.Handler):
    """Formats where the line is logged, because the request's ids are known there; writes elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._writer = LineWriter(stream)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._writer.write(self.format(record), soon=record.levelno >= logging.WARNING)
        except Exception:  # noqa: BLE001 - as every handler of the standard library
            self.handleError(record)

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
        super().close()
