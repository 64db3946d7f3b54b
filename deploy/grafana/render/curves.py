"""The panels over time: lines, stacks, bands of states, heatmaps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, MaxNLocator

from deploy.grafana.render.canvas import inner
from deploy.grafana.render.colors import FAINT, GRID, PALETTE, TEXT, colored, defaults, limits
from deploy.grafana.render.numbers import worded
from deploy.grafana.render.source import Series
from deploy.grafana.render.units import written

Named = list[tuple[str, Series]]
LEGEND_ROWS, ROW = 5, 0.155
"""At most, and the inches of one."""


def lines(axes: Axes, panel: dict[str, Any], found: Named) -> None:
    config = defaults(panel)
    named = sorted(found, key=lambda one: one[0])
    rows = min(len(named), LEGEND_ROWS if panel["gridPos"]["h"] >= 7 else 3)
    plot = inner(axes, 0.55, 0.28 + ROW * rows, 0.06, 0.04)
    if config.get("custom", {}).get("stacking", {}).get("mode") == "normal":
        _stack(plot, named)
    else:
        _draw(plot, named)
    _scale(plot, config)
    _legend(axes, named, rows, config)


def _draw(plot: Axes, named: Named) -> None:
    for index, (_, series) in enumerate(named):
        color = PALETTE[index % len(PALETTE)]
        times, values = broken(series)
        marker = "." if len(series.times) < 3 else ""
        plot.plot(_dates(times), values, color=color, linewidth=1.3, marker=marker)  # type: ignore[arg-type]
    plot.set_ylim(bottom=min(0, plot.get_ylim()[0]) if _lowest(named) < 0 else 0)


def broken(series: Series) -> tuple[list[float], list[float]]:
    """Times and values, with one that is no number wherever some are missing: a line ends there, as in Grafana."""
    gaps = np.diff(series.times)
    missing = np.flatnonzero(gaps > 1.5 * gaps.min()) + 1 if len(gaps) else np.array([], dtype=int)
    times = np.insert(series.times, missing, np.array(series.times)[missing - 1])
    return times.tolist(), np.insert(np.array(series.values, dtype=float), missing, np.nan).tolist()


def _lowest(named: Named) -> float:
    return min(min(series.values) for _, series in named)


def _stack(plot: Axes, named: Named) -> None:
    times = sorted({time for _, series in named for time in series.times})
    place = {time: index for index, time in enumerate(times)}
    layers = np.zeros((len(named), len(times)))
    for row, (_, series) in enumerate(named):
        layers[row, [place[time] for time in series.times]] = series.values
    colors = [PALETTE[index % len(PALETTE)] for index in range(len(named))]
    plot.stackplot(_dates(times), layers, colors=colors, alpha=0.75, linewidth=0)  # type: ignore[arg-type]
    plot.set_ylim(bottom=0)


def _scale(plot: Axes, config: dict[str, Any]) -> None:
    unit = config.get("unit", "short")
    top = max(plot.get_ylim()[1], 1e-9) * 1.05
    if unit == "short" and config.get("decimals") != 2:
        top = max(top, 1)
    plot.set_ylim(top=config.get("max", top))
    if config.get("custom", {}).get("thresholdsStyle"):
        for value, color in limits(config):
            if value <= plot.get_ylim()[1]:
                plot.axhline(value, color=color, linewidth=0.9, linestyle=(0, (4, 3)))
    _axes(plot)
    plot.yaxis.set_major_locator(MaxNLocator(4))
    plot.yaxis.set_major_formatter(FuncFormatter(lambda value, _: written(float(f"{value:.6g}"), unit)))


def _axes(plot: Axes) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    plot.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    plot.xaxis.set_major_formatter(formatter)
    plot.tick_params(labelsize=6.5, length=0, colors=FAINT)
    plot.grid(color=GRID, linewidth=0.7)
    plot.set_axisbelow(True)
    plot.margins(x=0)
    for side in plot.spines.values():
        side.set_visible(False)


def _legend(axes: Axes, named: Named, rows: int, config: dict[str, Any]) -> None:
    """A row a series with its last value; of many the highest, and how many more."""
    whole = inner(axes, 0.1, 0, 0.06, 0)
    whole.set_axis_off()
    height = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    wide = max(12, int(axes.get_position().width * axes.figure.get_figwidth() / 0.068) - 12)  # type: ignore[union-attr]
    colors = {name: PALETTE[index % len(PALETTE)] for index, (name, _) in enumerate(named)}
    highest = sorted(named, key=lambda one: -one[1].last)
    shown = named if len(named) <= rows else highest[: rows - 1]
    for index, (name, series) in enumerate(shown):
        y = (ROW * (rows - index) - 0.09) / height
        whole.plot([0, 0.035], [y, y], color=colors[name], linewidth=2.2)
        words = name if len(name) <= wide else name[: wide - 1] + "…"
        whole.text(0.05, y, words, size=7, va="center", color=TEXT)
        whole.text(1, y, worded(series.last, config), size=7, va="center", ha="right", color=TEXT)
    if len(shown) < len(named):
        whole.text(0.05, 0.06 / height, f"… {len(named) - len(shown)} more", size=7, va="center", color=FAINT)
    whole.set_xlim(0, 1)
    whole.set_ylim(0, 1)


def states(axes: Axes, panel: dict[str, Any], found: Named) -> None:
    config = defaults(panel)
    named = sorted(found, key=lambda one: one[0])
    longest = max(len(name) for name, _ in named)
    plot = inner(axes, min(0.15 + 0.06 * longest, 1.7), 0.24, 0.06, 0.04)
    for row, (_, series) in enumerate(named):
        step = min(np.diff(series.times)) if len(series.times) > 1 else 60
        for value in sorted(set(series.values)):
            spans = [(time, step) for time, each in zip(series.times, series.values, strict=True) if each == value]
            begin = [(_days(time), length / 86400) for time, length in spans]
            plot.broken_barh(begin, (row - 0.36, 0.72), color=colored(value, config), alpha=0.85, linewidth=0)
    _axes(plot)
    plot.grid(visible=False)
    plot.xaxis_date()
    plot.set_ylim(max(len(named), 2) - 0.5, -0.5)
    plot.set_yticks(range(len(named)), [name for name, _ in named], size=7, color=TEXT)


def heat(axes: Axes, panel: dict[str, Any], found: Named) -> None:
    unit = panel["options"]["yAxis"].get("unit", "short")
    rows = sorted(((float(series.labels["le"]), series) for _, series in found), key=lambda row: row[0])
    times = sorted({time for _, series in rows for time in series.times})
    below = np.zeros((len(rows), len(times)))
    place = {time: index for index, time in enumerate(times)}
    for row, (_, series) in enumerate(rows):
        below[row, [place[time] for time in series.times]] = series.values
    counts = np.clip(np.diff(below, axis=0, prepend=0), 0, None)
    plot = inner(axes, 0.55, 0.24, 0.06, 0.04)
    edges = _dates([*times, times[-1] + (times[-1] - times[-2] if len(times) > 1 else 60)])
    most = max(float(counts.max()), 1e-9)
    filled = np.ma.masked_less_equal(counts, most / 1000)
    plot.pcolormesh(edges, np.arange(len(rows) + 1), filled, cmap="Blues", norm=PowerNorm(0.5, 0, most))  # type: ignore[arg-type]
    _axes(plot)
    every = max(1, len(rows) // 6)
    ticks = range(0, len(rows), every)
    plot.set_yticks([tick + 1 for tick in ticks], [_bound(rows[tick][0], unit) for tick in ticks])


def _bound(value: float, unit: str) -> str:
    return "more" if value == float("inf") else written(value, unit)


def _dates(times: list[float]) -> list[datetime]:
    return [datetime.fromtimestamp(time, UTC) for time in times]


def _days(time: float) -> float:
    return time / 86400
