"""The panels of now: big numbers, dials, bars."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Wedge

from deploy.grafana.render.canvas import inner
from deploy.grafana.render.colors import FAINT, GRID, TEXT, colored, defaults, mapped
from deploy.grafana.render.units import written

Named = list[tuple[str, float]]
"""A series' name and its value."""


def worded(value: float, config: dict[str, Any]) -> str:
    """A value as the panel writes it."""
    if word := mapped(value, config):
        return str(word["text"])
    return written(value, config.get("unit", "short"), config.get("decimals"))


def number(axes: Axes, panel: dict[str, Any], values: Named) -> None:
    config = defaults(panel)
    value = values[0][1]
    color = colored(value, config) if panel["options"]["colorMode"] == "value" else TEXT
    words = worded(value, config)
    size = 21 if len(words) <= 8 else 16
    axes.text(0.5, 0.48, words, ha="center", va="center", size=size, weight="bold", color=color)


def dial(axes: Axes, panel: dict[str, Any], values: Named) -> None:
    config = defaults(panel)
    value = values[0][1]
    filled = min(max(value / config.get("max", 1), 0), 1)
    axes.set_xlim(-1.6, 1.6)
    axes.set_ylim(-0.25, 1.05)
    axes.set_aspect("equal")
    axes.add_patch(Wedge((0, 0), 1, 0, 180, width=0.26, color=GRID))
    axes.add_patch(Wedge((0, 0), 1, 180 - 180 * filled, 180, width=0.26, color=colored(value, config)))
    axes.text(0, 0.12, worded(value, config), ha="center", va="center", size=13, weight="bold", color=TEXT)


def bars(axes: Axes, panel: dict[str, Any], values: Named) -> None:
    config = defaults(panel)
    shown = values[:12]
    longest = max(len(name) for name, _ in shown)
    plot = inner(axes, min(0.3 + 0.062 * longest, 2.6), 0.02, 0.75, 0.02)
    end = config.get("max") or max([value for _, value in shown] + [1e-9])
    for row, (name, value) in enumerate(shown):
        plot.barh(row, end, height=0.62, color=GRID)
        plot.barh(row, min(max(value, 0), end), height=0.62, color=colored(value, config))
        plot.text(
            end * 1.02, row, worded(value, config), va="center", size=8, weight="bold", color=colored(value, config)
        )
        plot.text(-end * 0.02, row, name, va="center", ha="right", size=7.5, color=TEXT)
    plot.set_xlim(0, end)
    plot.set_ylim(max(len(shown), 4) - 0.5, -0.5)
    plot.set_axis_off()
    if len(values) > len(shown):
        axes.text(1, 0, f"… {len(values) - len(shown)} more", ha="right", size=7, color=FAINT)
