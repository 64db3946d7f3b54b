"""``doctorai status``: how the system is, once or live: services, instances, latency, errors."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from cli import ask, show
from cli.ask import DEFAULT_URL, Url
from cli.figures import Figures, Reading, Snapshot, read_snapshot
from cli.health_table import health_table
from cli.show import AsJson, Failure

_WINDOW_S = 60.0
_LOOK_S = 10.0
Token = Annotated[
    str | None,
    typer.Option(envvar="METRICS_TOKEN", help="The gateway's, to see latency and errors from another machine."),
]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Go on until Ctrl-C; figures of the last minute.")]
Every = Annotated[float, typer.Option(min=0.2, help="Seconds between two looks.")]


class History:
    """The readings of the last minute, so that a live table tells of now and not of all days since the start.

    Those of one process are never held against another's: behind one address there may be several gateways.
    """

    def __init__(self) -> None:
        self._of: dict[float, deque[tuple[float, Mapping[str, Figures]]]] = {}
        self._last: float | None = None
        self._changed_back = -math.inf

    def add(self, snapshot: Snapshot, now: float) -> Reading:
        """What came since its process's oldest reading that is kept; of the first, all since that process's start."""
        several = self._are_several(snapshot.process, now)
        readings = self._of.setdefault(snapshot.process, deque())
        readings.append((now, snapshot.figures))
        while len(readings) > 2 and now - readings[1][0] >= _WINDOW_S:
            readings.popleft()
        at, oldest = readings[0]
        if at == now:
            return Reading(snapshot.figures, one_of_several=several)
        since = {model: of.since(oldest.get(model, Figures())) for model, of in snapshot.figures.items()}
        return Reading(since, now - at, several)

    def _are_several(self, process: float, now: float) -> bool:
        """A gateway that started anew is another, too; but the one before it does not come back."""
        if process != self._last and process in self._of:
            self._changed_back = now
        self._last = process
        self._of = {one: kept for one, kept in self._of.items() if one == process or now - kept[-1][0] < _WINDOW_S}
        return now - self._changed_back < _WINDOW_S


def status(
    url: Url = DEFAULT_URL,
    watch: Watch = False,
    every: Every = 2.0,
    metrics_token: Token = None,
    as_json: AsJson = False,
) -> None:
    """How the system is: services, instances, latency, errors; ends with 1 when it is unhealthy."""
    if watch and as_json:
        raise typer.BadParameter("--json shows one look, --watch goes on: leave one of them out", param_hint="--watch")
    if watch:
        _watch(url, every, metrics_token)
        return
    health = ask.get_public(url, "/api/health", _LOOK_S)
    if as_json:
        show.write_json(health)
    else:
        show.render(health_table, health, _read(url, metrics_token, History()), show.console.width)
    raise typer.Exit(1 if health.get("status") == "unhealthy" else 0)


def _watch(url: str, every: float, token: str | None) -> None:
    history = History()
    try:
        with Live(console=show.console, auto_refresh=False) as live:
            while True:
                live.update(_look(url, token, history), refresh=True)
                time.sleep(every)
    except KeyboardInterrupt:
        return


def _look(url: str, token: str | None, history: History) -> RenderableType:
    """The table; while the gateway does not answer, a line that says so."""
    head = Text(f"{time.strftime('%H:%M:%S')}  {url}   Ctrl-C ends", style="dim")
    try:
        health = ask.get_public(url, "/api/health", _LOOK_S)
        return Group(head, *show.checked(health_table, health, _read(url, token, history), show.console.width))
    except Failure as error:
        return Group(head, Text(show.clean(error), style="red"))


def _read(url: str, token: str | None, history: History) -> Reading | None:
    """None where this machine may not read the metrics, or they are switched off."""
    try:
        text = ask.get_text(url, "/metrics", token, _LOOK_S)
        return history.add(read_snapshot(text), time.monotonic()) if text is not None else None
    except (Failure, KeyError, ValueError):
        return None
