"""Tables, their columns named and ordered as the dashboard's transformations say."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from deploy.grafana.render.colors import FAINT, GRID, TEXT, colored
from deploy.grafana.render.numbers import worded
from deploy.grafana.render.source import Series

Row = dict[str, str | float]
_ROW_INCHES = 0.19
"""What a row of a table takes at least."""


def table(axes: Axes, panel: dict[str, Any], answers: list[list[Series]]) -> None:
    """``answers``: of each query, in the order of the panel's."""
    organized = panel["transformations"][1]["options"]
    names: dict[str, str] = organized["renameByName"]
    order = sorted(organized["indexByName"], key=organized["indexByName"].__getitem__)
    configs = _configs(panel)
    rows = merged(answers, [key for key in order if not key.startswith("Value")])
    widths = [1.6 if not key.startswith("Value") else 1.0 for key in order]
    fitting = max(5, int(axes.get_window_extent().height / axes.figure.dpi / _ROW_INCHES) - 1)
    left_out = max(0, len(rows) - fitting)
    rows = rows[:fitting]
    step = 1 / max(len(rows) + 1.2 + bool(left_out), 5)
    left = 0.0
    for key, width in zip(order, widths, strict=True):
        x, left = left / sum(widths), left + width
        axes.text(x, 1 - step / 2, names[key], size=7.5, weight="bold", color=FAINT, va="center")
        for index, row in enumerate(rows):
            words, color = _cell(row.get(key), configs.get(names[key], {}))
            axes.text(x, 1 - step * (index + 1.6), words, size=8, color=color, va="center")
    if left_out:
        axes.text(0, step / 2, f"… {left_out} more", size=7.5, color=FAINT, va="center")
    for index in range(len(rows)):
        axes.axhline(1 - step * (index + 1.08), color=GRID, linewidth=0.8)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)


def merged(answers: list[list[Series]], keys: list[str]) -> list[Row]:
    """A row for each set of key labels; a query's value under "Value #A", or "Value" of only one query."""
    rows: dict[tuple[str, ...], Row] = {}
    for letter, answer in zip("ABCDEFGHIJ", answers, strict=False):
        for series in answer:
            labels = [series.labels.get(key, "") for key in keys]
            row = rows.setdefault(tuple(labels), dict(zip(keys, labels, strict=True)))
            row["Value" if len(answers) == 1 else f"Value #{letter}"] = series.last
    return [rows[key] for key in sorted(rows)]


def _configs(panel: dict[str, Any]) -> dict[str, dict[str, Any]]:
    overrides = panel["fieldConfig"]["overrides"]
    return {
        one["matcher"]["options"]: {each["id"]: each.get("value") for each in one["properties"]} for one in overrides
    }


def _cell(value: str | float | None, config: dict[str, Any]) -> tuple[str, str]:
    if value is None:
        return "–", FAINT
    if isinstance(value, str):
        return value, TEXT
    return worded(value, config), colored(value, config) if "custom.cellOptions" in config else TEXT
