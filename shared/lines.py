"""Writes log lines on a thread of its own: whoever reads standard error slowly holds up no request.

A kill loses what came in the last 50 ms; an exit, and a stop by SIGTERM, nothing.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from contextlib import suppress
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
        if not self._thread.is_alive():  # after an exit's end, or in a process that was forked from this one
            self._write_all()
            return
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
        waiting: list[str | threading.Event] = []
        with suppress(IndexError):  # without the thread, others take from it too
            waiting.extend(self._waiting.popleft() for _ in range(len(self._waiting)))
        if lines := [item for item in waiting if isinstance(item, str)]:
            self._write_text("\n".join(lines) + "\n")
        for item in waiting:
            if isinstance(item, threading.Event):
                item.set()
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            logging.getLogger(__name__).warning("%d log lines dropped: their reader is too slow", dropped)

    def _write_text(self, text: str) -> None:
        """Never raises: the thread would end."""
        with suppress(Exception):  # nobody reads any more, or the stream is closed: there is nowhere to tell it
            try:
                self._stream.write(text)
            except UnicodeError:  # what the stream's encoding has no form for must not cost the other lines
                encoding = self._stream.encoding or "ascii"
                self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()


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

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """Says that a line is missing; the standard library would print what could not be said."""
        what = json.dumps({"event": "line_not_written", "level": "error", "logger": record.name, "line": record.lineno})
        self._writer.write(what, soon=True)

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
        super().close()
