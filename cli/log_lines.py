"""Lines of the processes' logs: read, chosen, and worded for a person."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.text import Text

from cli.show import clean

_COMPOSE = re.compile(r"(?P<source>[\w.-]+?)(?:-\d+)?\s*\| ?(?P<line>.*)", re.DOTALL)
_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "red", "critical": "bold red"}
_TOLD = ("timestamp", "level", "event", "exception")
_LAST = ("logger", "request_id", "trace_id", "span_id")
"""Fields that stand at the end of a line, dim: what a person looks for first comes first."""


@dataclass(frozen=True)
class Line:
    """One line of ``source``. ``fields`` is empty for one that is not JSON: it stands as it is."""

    source: str
    raw: str
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def time(self) -> datetime | None:
        """When it was written, where it says so."""
        try:
            return datetime.fromisoformat(str(self.fields["timestamp"]))
        except (KeyError, ValueError):
            return None

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
        if self.since and (line.time is None or line.time < self.since):
            return False
        return line.level >= self.level


def read_line(raw: str, source: str = "") -> Line:
    """``raw`` as a process wrote it, or with the name that `docker compose logs` puts before it."""
    raw = raw.rstrip("\r\n")
    if not source and not raw.startswith("{") and (found := _COMPOSE.fullmatch(raw)):
        source, raw = found["source"], found["line"]
    try:
        fields = json.loads(raw) if raw.startswith("{") else None
    except (ValueError, RecursionError):
        fields = None
    return Line(source, raw, fields if isinstance(fields, dict) else {})


def in_order(lines: Iterable[Line]) -> list[Line]:
    """By time; a line without one stays behind the line that its process wrote before it."""
    latest: dict[str, datetime | None] = {}
    keyed = []
    for line in lines:
        latest[line.source] = at = line.time or latest.get(line.source)
        keyed.append(("" if at is None else at.isoformat(), line))
    return [line for _, line in sorted(keyed, key=lambda pair: pair[0])]


def worded(line: Line) -> Text:
    """For a person: time, process, what happened; where a request can be found, last."""
    head = Text(f"{clean(line.source):<14} ", style="cyan")
    if not line.fields:
        return head + Text(clean(line.raw))
    level = str(line.fields.get("level", ""))
    at = line.time
    text = Text(f"{at:%H:%M:%S}.{at.microsecond // 1000:03} " if at else "", style="dim") + head
    text.append(f"{clean(level):<8} ", style=_STYLES.get(level, ""))
    text.append(clean(line.fields.get("event", "")), style="bold")
    for words, style in _details(line.fields):
        text.append(f" {words}", style=style)
    if "exception" in line.fields:
        text.append("\n" + clean(line.fields["exception"]), style="red")
    return text


def _details(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    named = [name for name in fields if name not in (*_TOLD, *_LAST)]
    for names, style in ((named, ""), ([name for name in _LAST if name in fields], "dim")):
        for name in names:
            value = fields[name]
            yield clean(f"{name}={value if isinstance(value, str) else json.dumps(value)}"), style
