"""The system's health as a table, a row a service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.figures import Figures, Reading
from cli.show import clean, text

_STATUS = {"healthy": "green", "degraded": "yellow", "unhealthy": "red"}
_UNREADABLE = (
    "Latency and errors: beside the gateway, or with METRICS_TOKEN; containers: "
    "METRICS_TOKEN=$(docker compose exec prometheus cat /secrets-metrics/metrics_token) doctorai status"
)
_HEAD = ("service", "ready", "version", "memory", "requests", "failed", "p50", "p95")
_RIGHT = _HEAD[3:]
_DISPENSABLE = ("version", "memory", "p50", "requests", "p95")
"""In this order, where the terminal is narrow."""
_FRAME = 3
"""A column's border and padding, in cells."""


def health_table(document: dict[str, Any], reading: Reading | None, width: int) -> list[RenderableType]:
    """``document``: what `/api/health` answers; ``reading``: what the metrics say, None where they cannot be seen.

    ``width``: of the terminal, in cells.
    """
    status, redis = document["status"], document["dependencies"]["redis"]
    head = Text.assemble(
        (status, f"bold {_STATUS[status]}"), f"  {clean(document['summary'])}  redis {redis['status']}"
    )
    table = _table([_row(name, service, reading) for name, service in document["services"].items()], width)
    notices = [_notice(words) for name, service in document["services"].items() for words in _troubles(name, service)]
    return [head, table, Text(_told(reading), style="dim"), *notices]


def _table(rows: Sequence[Sequence[str]], width: int) -> Table:
    """What does not fit is left out as a whole, never cut; the versions are broken between words before that."""
    columns = dict(zip(_HEAD, zip(_HEAD, *rows, strict=True), strict=True))
    for name in _DISPENSABLE:
        if sum(_cells(*column) + _FRAME for column in columns.items()) + 1 <= width:
            break
        del columns[name]
    table = Table()
    for name in columns:
        table.add_column(name, justify="right" if name in _RIGHT else "left", no_wrap=name != "version")
    for row in list(zip(*columns.values(), strict=True))[1:]:
        table.add_row(*row)
    return table


def _cells(name: str, column: Iterable[str]) -> int:
    """The least width that cuts nothing."""
    plain = [Text.from_markup(cell).plain for cell in column]
    return max(cell_len(words) for cell in plain for words in (cell.split() if name == "version" else [cell]))


def _told(reading: Reading | None) -> str:
    if reading is None:
        return _UNREADABLE
    whose = " Of one gateway; there are several." if reading.one_of_several else ""
    if reading.seconds is None:
        return f"Requests, failures (5xx) and latency since the gateway's start.{whose}"
    return f"Requests, failures (5xx) and latency of the last {reading.seconds:.0f} s.{whose}"


def _row(name: str, service: dict[str, Any], reading: Reading | None) -> list[str]:
    instances = service["instances"]
    ready = sum(instance["ready"] for instance in instances)
    versions = ", ".join(sorted({_versions(instance) for instance in instances})) or "-"
    memory = sum(instance["rss_bytes"] for instance in instances) / 1e6
    mark = f"[{'green' if service['ready'] else 'red'}]{ready}/{len(instances)}[/]"
    cells = [text(name), mark, text(versions), f"{memory:.0f} MB"]
    return [*cells, *_figures(service.get("model", name), reading)]


def _figures(model: str, reading: Reading | None) -> list[str]:
    if reading is None:
        return ["-"] * 4
    of = reading.figures.get(model, Figures())
    count = f"{of.requests:.0f}" if reading.seconds is None else f"{of.requests / reading.seconds:.1f}/s"
    failed = "-" if of.failing is None else f"{of.failing:.1%}"
    return [count, f"[red]{failed}[/]" if of.faults else failed, _time(of.quantile(0.5)), _time(of.quantile(0.95))]


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.0f} ms"


def _versions(instance: dict[str, Any]) -> str:
    """The active version, and what is served beside it."""
    beside = [f"{role} {version}" for role, version in instance.get("beside", {}).items()]
    return " + ".join((instance["version"] or "-", *beside))


def _troubles(name: str, service: dict[str, Any]) -> Iterator[str]:
    """Why it is not ready; what should be served and is not: what several say is said once."""
    if service["reason"]:
        yield f"{name}: {service['reason']}"
    instances = service["instances"]
    told = Counter(instance["notice"] for instance in instances if instance.get("notice"))
    for notice, count in told.items():
        yield f"{name}: {notice} ({count} of {len(instances)} instances)"


def _notice(words: str) -> Text:
    return Text.assemble(("!", "yellow"), f" {clean(words)}")
