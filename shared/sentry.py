"""Reports unexpected errors to Sentry, where SENTRY_DSN says so: where in the code they happened, and nothing else.

An event is made here from what is allowed, not cleaned of what is not. No message, no value of an exception or a
variable, nothing of a request leaves the process: any of them may hold what a caller sent of a patient.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from shared.http.context import ids
from shared.logs import get_logger
from shared.settings import CommonSettings
from shared.version import VERSION

if TYPE_CHECKING:
    from sentry_sdk import Client
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

_log = get_logger(__name__)
_FLUSH_S = 2.0
_OF_A_FRAME = ("filename", "function", "module", "lineno", "in_app")
_OF_AN_EVENT = ("event_id", "timestamp", "level", "platform", "release", "environment", "server_name", "tags")
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


@contextmanager
def reporting(
    settings: CommonSettings, component: str, instance: str, transport: Transport | None = None
) -> Iterator[None]:
    """Reports what is logged as an error inside the block; does nothing without a DSN."""
    if settings.sentry_dsn is None:
        yield
        return
    handler = _Reporter(_client(settings, settings.sentry_dsn.get_secret_value(), instance, transport), component)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def _client(settings: CommonSettings, dsn: str, instance: str, transport: Transport | None) -> Client:
    from sentry_sdk import Client  # only where there is a DSN

    return Client(
        dsn=dsn,
        transport=transport,
        release=f"doctorai@{VERSION}",
        environment=settings.doctorai_mode,
        server_name=instance,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        before_breadcrumb=lambda crumb, hint: None,
        before_send=scrubbed,
    )


class _Reporter(logging.Handler):
    """Makes an event of each error that is logged."""

    def __init__(self, client: Client, component: str) -> None:
        super().__init__(logging.ERROR)
        self._client = client
        self._component = component

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._client.capture_event(self._event(record))
        except Exception as error:  # noqa: BLE001 - as every handler; but the standard library's way prints the words
            _log.warning("error_not_reported", error=type(error).__name__)

    def close(self) -> None:
        self._client.close(timeout=_FLUSH_S)
        super().close()

    def _event(self, record: logging.LogRecord) -> Event:
        # structlog's event, whose name is a constant of ours; a library's message may hold anything
        told: dict[str, Any] = record.msg if isinstance(record.msg, dict) else {}
        name = str(told.get("event", "")) if told else record.name
        tags = {"component": self._component, "event": name, "logger": record.name, **ids()}
        event: Event = {"level": "error", "tags": tags}
        if exc_info := _exc_info(told.get("exc_info") or record.exc_info):
            event["exception"] = {"values": _exceptions(exc_info)}
        else:
            event["message"] = name
        return event


def scrubbed(event: Event, hint: Hint) -> Event | None:
    """Only what is allowed, whoever made the event: the last step before it is sent."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _OF_AN_EVENT}
    tags = kept.get("tags")
    values = event.get("exception", {}).get("values", [])
    if values:
        kept["exception"] = {"values": [_bare(value) for value in values]}
    elif isinstance(tags, dict) and "event" in tags:
        kept["message"] = tags["event"]
    return kept  # type: ignore[return-value]


def _exceptions(exc_info: _ExcInfo) -> list[dict[str, Any]]:
    from sentry_sdk.utils import event_from_exception

    options = {"include_local_variables": False, "include_source_context": False, "max_value_length": 0}
    found, _ = event_from_exception(exc_info, client_options=options)
    return [_bare(value) for value in found["exception"]["values"]]


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    """An exception's type and where it went through the code."""
    frames = (value.get("stacktrace") or {}).get("frames") or []
    bare = [{name: frame[name] for name in _OF_A_FRAME if name in frame} for frame in frames]
    return {"type": value.get("type"), "module": value.get("module"), "stacktrace": {"frames": bare}}


def _exc_info(given: Any) -> _ExcInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    return given if isinstance(given, tuple) and given[1] is not None else None
