"""Lines of the processes' logs: read, chosen, and worded for a person."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from cli.show import clean

_COMPOSE = re.compile(r"(?P<source>[\w.-]+?)(?:-\d+)?\s*\| ?(?P<line>.*)", re.DOTALL)
_REDIS = re.compile(r"\d+:[A-Z] (?P<time>\d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) .*", re.DOTALL)
_REDIS_SIGNAL = re.compile(r"\d+:signal-handler \((?P<seconds>\d{1,12})\) .*", re.DOTALL)
_REDIS_TIME = "%d %b %Y %H:%M:%S.%f"
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "red", "critical": "bold red"}
_TOLD = ("timestamp", "level", "event", "exception")
_LAST = ("logger", "request_id", "trace_id", "span_id")
"""Fields that stand at the end of a line, dim: what a person looks for first comes first."""


@dataclass(frozen=True)
class Line:
    """One line of ``source``. ``fields`` is empty for one that is not JSON: it stands as it is.

    ``time``: when it was written, local time, where it says so; ``at``: the same, or that of the line before it.
    """

    source: str
    raw: str
    fields: dict[str, Any] = field(default_factory=dict)
    time: datetime | None = None
    at: datetime | None = None

    @property
    def level(self) -> int:
        """As `logging` counts; INFO where it says nothing."""
        return logging.getLevelNamesMapping().get(str(self.fields.get("level", "")).upper(), logging.INFO)


@dataclass(frozen=True)
class Wanted:
    """Which lines. ``identifier``: of a request or a trace. ``since``: none that are older."""

    sources: tuple[str, ...] = ()
    level: int = logging.NOTSET
    identifier: str | None = None
    since: datetime | None = None

    def takes(self, line: Line) -> bool:
        """True for a line that is to be shown."""
        if self.sources and not line.source.startswith(self.sources):
            return False
        if self.identifier and self.identifier not in (line.fields.get("request_id"), line.fields.get("trace_id")):
            return False
        if self.since and (line.at is None or line.at < self.since):
            return False
        return line.level >= self.level


def read_line(raw: str, source: str = "") -> Line:
    """``raw`` as a process wrote it, or with the name that `docker compose logs` puts before it."""
    raw, contained = raw.rstrip("\r\n"), False
    if not source and not raw.startswith("{") and (found := _COMPOSE.fullmatch(raw)):
        source, raw, contained = found["source"], found["line"], True
    try:
        fields = json.loads(raw) if raw.startswith("{") else None
    except (ValueError, RecursionError):
        fields = None
    fields = fields if isinstance(fields, dict) else {}
    at = _time(fields["timestamp"]) if "timestamp" in fields else _time_of_redis(raw, contained=contained)
    return Line(source, raw, fields, at, at)


def _time(word: object) -> datetime | None:
    """Local time; a time without a zone is in UTC, as all processes write it."""
    try:
        at = datetime.fromisoformat(str(word))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone()
    except (ValueError, OverflowError, OSError):  # the latter two: a year that this machine's calendar has not
        return None


def _time_of_redis(raw: str, *, contained: bool) -> datetime | None:
    """It writes the local time of its machine, which in a container is UTC."""
    try:
        if found := _REDIS_SIGNAL.fullmatch(raw):
            return datetime.fromtimestamp(int(found["seconds"]), UTC).astimezone()
        if not (found := _REDIS.fullmatch(raw)):
            return None
        at = datetime.strptime(found["time"], _REDIS_TIME)
        return (at.replace(tzinfo=UTC) if contained else at).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def stamped(lines: Iterable[Line], latest: dict[str, datetime] | None = None) -> Iterator[Line]:
    """Those without a time have that of the line before them of their source, as a stack's lines do.

    ``latest``: source → time, kept from one call to the next.
    """
    latest = {} if latest is None else latest
    for line in lines:
        if line.time:
            latest[line.source] = line.time
            yield line
        else:
            yield replace(line, at=latest.get(line.source))


def in_order(lines: Iterable[Line]) -> list[Line]:
    """By time; those of one time stay as they come."""
    return sorted(lines, key=lambda line: line.at or _EARLIEST)


def worded(line: Line) -> Text:
    """For a person: local time, process, what happened; where a request can be found, last."""
    text = Text(_clock(line.time), style="dim") + Text(f"{clean(line.source):<14} ", style="cyan")
    if not line.fields:
        return text + Text(clean(_without_time(line.raw)))
    level = str(line.fields.get("level", ""))
    text.append(f"{clean(level):<8} ", style=_STYLES.get(level, ""))
    text.append(clean(line.fields.get("event", "")), style="bold")
    for words, style in _details(line.fields):
        text.append(f" {words}", style=style)
    if "exception" in line.fields:
        text.append("\n" + clean(line.fields["exception"]), style="red")
    return text


def _clock(at: datetime | None) -> str:
    """With the date where it is not today."""
    if at is None:
        return ""
    date = "" if at.date() == datetime.now().astimezone().date() else f"{at:%Y-%m-%d} "
    return f"{date}{at:%H:%M:%S}.{at.microsecond // 1000:03} "


def _without_time(raw: str) -> str:
    found = _REDIS.fullmatch(raw)
    return raw[: found.start("time")] + raw[found.end("time") + 1 :] if found else raw


def _details(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    named = [name for name in fields if name not in (*_TOLD, *_LAST)]
    for names, style in ((named, ""), ([name for name in _LAST if name in fields], "dim")):
        for name in names:
            value = fields[name]
            yield clean(f"{name}={value if isinstance(value, str) else json.dumps(value)}"), style
