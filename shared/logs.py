"""Logging: JSON lines in a container, readable lines at a terminal, one configuration for ours and the libraries'."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_OURS = ("cli", "gateway", "services", "shared", "training")
"""Only these may be told to say more than INFO: at DEBUG a library tells what it reads, a picture's EXIF for one."""
_LIBRARIES = ("uvicorn", "uvicorn.error", "asyncio")
_TALKATIVE = ("httpx", "httpcore")
"""A line for each request that the gateway sends on says nothing that its own does not."""


def configure_logging(level: str, *, json: bool | None = None) -> None:
    """Sets up structlog and the standard library's logging to write the same lines to standard error.

    ``json`` defaults to True unless standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    # never the values of local variables, which may be a patient's words
    at_terminal = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = structlog.processors.JSONRenderer() if as_json else at_terminal
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    final = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        final.append(structlog.processors.format_exc_info)  # type: ignore[arg-type]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=[*final, renderer]))
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(wanted, logging.INFO), force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(wanted)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger named for its module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
