"""Logging as our processes set it up, inside a test."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import structlog

from shared.logs import configure_logging


@contextmanager
def logging_to(stream: io.StringIO, level: str = "INFO", *, as_json: bool = True) -> Iterator[None]:
    """Logs to ``stream`` inside the block, which is written to its end when the block ends."""
    root = logging.getLogger()
    handlers, root_level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root.handlers.clear()  # pytest's own, which `configure_logging` would close
    with redirect_stderr(stream):
        configure_logging(level, json=as_json)
    structlog.configure(cache_logger_on_first_use=False)  # a module's logger outlives the test
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(root_level)
        structlog.reset_defaults()
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
