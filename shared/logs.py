"""Logging: JSON lines in a container, readable lines at a terminal, one configuration for ours and the libraries'.

Every line that is written in a request has its ``request_id`` and ``trace_id``. An error is told by its type and its
stack (`shared.stacks`), wherever it was raised.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from json import dumps
from typing import Any

import structlog

from shared.http.context import ids
from shared.lines import LineHandler
from shared.stacks import stack_of


def _with_ids(logger: Any, method: str, event: Any) -> Any:
    event.update(ids())
    return event


def _without_calls(logger: Any, method: str, event: Any) -> Any:
    """asyncio tells of a task or a call with all that it holds: its arguments, its error's words."""
    if event["logger"] == "asyncio":
        event["event"] = re.split(r"[\n(<]", event["event"], maxsplit=1)[0]
    return event


_SHARED: list[Any] = [
    _with_ids,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    _without_calls,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_OURS = ("cli", "gateway", "services", "shared", "training")
"""Only these may be told to say more than INFO: at DEBUG a library tells what it reads, a picture's EXIF for one."""
_LIBRARIES = ("uvicorn", "uvicorn.error", "asyncio")
_TALKATIVE = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "opentelemetry": logging.CRITICAL}
"""A line for each request that the gateway sends on says nothing that its own does not; nor does one for each attempt
to reach a collector (`shared.tracing.export`)."""


def configure_logging(level: str, *, json: bool | None = None) -> None:
    """Sets up structlog and the standard library's logging to write the same lines to standard error.

    ``json`` defaults to True unless standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = LineHandler(sys.stderr)
    handler.setFormatter(_Formatter(as_json=as_json))
    wanted = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(wanted, logging.INFO), force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(wanted)
    for name, least in _TALKATIVE.items():
        logging.getLogger(name).setLevel(least)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    _log_what_nobody_catches()


def _log_what_nobody_catches() -> None:
    """In a thread, in a destructor, in the whole process: Python would write it beside the log, with its words."""
    log = logging.getLogger("shared.logs")
    usual = sys.__excepthook__

    def of_process(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if issubclass(kind, KeyboardInterrupt):
            usual(kind, error, trace)
        else:
            log.critical("uncaught_error", exc_info=(kind, error, trace))

    def elsewhere(told: Any) -> None:
        if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
            log.error("uncaught_error", exc_info=told.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = of_process, elsewhere, elsewhere


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger named for its module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def tell(logger: logging.Logger, level: int, event: str, fields: Mapping[str, Any]) -> None:
    """The same line as structlog's, for a third of the cost: what every request writes. ``fields`` are plain JSON."""
    if logger.isEnabledFor(level):
        told = {"event": event, **fields, **ids()}
        logger.handle(logger.makeRecord(logger.name, level, "", 0, event, (), None, extra={"fields": told}))


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Also of the records that `tell` makes."""

    def __init__(self, *, as_json: bool) -> None:
        at_terminal = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        render: Any = structlog.processors.JSONRenderer() if as_json else at_terminal
        # the renderer makes an encoder for each line, for the sake of values that are no JSON
        self._plain = dumps if as_json else lambda event: str(render(None, "", event))
        final: list[Any] = [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(stack_of),
            render,
        ]
        super().__init__(foreign_pre_chain=_SHARED, processors=final)

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", None)
        if fields is None:
            return super().format(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        return self._plain({**fields, "level": record.levelname.lower(), "logger": record.name, "timestamp": at})
