"""One dashboard's picture: every panel's queries asked, and drawn as its kind is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill

from matplotlib.axes import Axes

from deploy.grafana.boards import Board, Panel, resolve
from deploy.grafana.render import cells, curves, numbers
from deploy.grafana.render.canvas import Canvas
from deploy.grafana.render.colors import FAINT
from deploy.grafana.render.source import Prometheus, Series

_OF_NOW = {"stat": numbers.number, "gauge": numbers.dial, "bargauge": numbers.bars}
_OVER_TIME = {"timeseries": curves.lines, "state-timeline": curves.states, "heatmap": curves.heat}


def picture(board: Board, prometheus: Prometheus, variables: Mapping[str, str], path: Path) -> None:
    """Raises httpx.HTTPError when Prometheus refuses a query."""
    variables = {**variables, **board.every}
    canvas = Canvas(board, _subtitle(board, prometheus, variables))
    for panel in board.panels:
        if panel.kind == "row":
            canvas.heading(panel)
        else:
            _panel(canvas.card(panel), panel, prometheus, variables)
    canvas.save(path)


def _subtitle(board: Board, prometheus: Prometheus, variables: Mapping[str, str]) -> str:
    """The chosen model, if the dashboard has one, and the time."""
    has_model = any(variable["name"] == "model" for variable in board.json["templating"]["list"])
    start, end = (datetime.fromtimestamp(time, UTC) for time in (prometheus.start, prometheus.end))
    times = f"{start:%Y-%m-%d %H:%M} – {end:%H:%M} UTC"
    model = "all models" if "model" in board.every else variables["model"]
    return f"{model}   {times}" if has_model else times


def _panel(axes: Axes, panel: Panel, prometheus: Prometheus, variables: Mapping[str, str]) -> None:
    answers = [_ask(prometheus, resolve(one.expression, variables), one.instant) for one in panel.targets]
    named = [
        (series.named(target.legend) or panel.title, series)
        for target, answer in zip(panel.targets, answers, strict=True)
        for series in answer
    ]
    if not named:
        _nothing(axes, panel)
    elif panel.kind == "table":
        cells.table(axes, panel.json, answers)
    elif panel.kind in _OF_NOW:
        _OF_NOW[panel.kind](axes, panel.json, [(name, series.last) for name, series in named])
    else:
        _OVER_TIME[panel.kind](axes, panel.json, named)


def _ask(prometheus: Prometheus, expression: str, instant: bool) -> list[Series]:
    return prometheus.instant(expression) if instant else prometheus.over_time(expression)


def _nothing(axes: Axes, panel: Panel) -> None:
    axes.text(0.5, 0.58, "No data", ha="center", va="center", size=10, color=FAINT)
    if panel.empty and panel.json["gridPos"]["h"] > 4:
        words = fill(panel.empty, 8 * panel.json["gridPos"]["w"])
        axes.text(0.5, 0.42, words, ha="center", va="top", size=7, color=FAINT)
