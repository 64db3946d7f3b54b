"""The page: the panels' cards, laid out as Grafana's grid has them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from PIL import Image

from deploy.grafana.boards import Board, Panel
from deploy.grafana.render.colors import CARD, EDGE, FAINT, GRID, NAMED, PAGE, PALETTE, TEXT

COLUMNS = 24
INCHES = (0.60, 0.37)
"""Of a column, of a row."""
HEAD = 1.0
"""Rows for the dashboard's title."""
GAP = 0.05
SMALLER = (100, 85, 72, 60)
"""Dots an inch, tried in this order until a picture is small enough."""
LARGEST = 150_000
"""Bytes."""


class Canvas:
    """A figure as large as the dashboard's grid."""

    def __init__(self, board: Board, subtitle: str) -> None:
        self._rows = HEAD + max(panel.json["gridPos"]["y"] + panel.json["gridPos"]["h"] for panel in board.panels)
        size = (COLUMNS * INCHES[0], self._rows * INCHES[1])
        self.figure = Figure(figsize=size, facecolor=PAGE)
        self._text(0.1, 0.55, board.title, size=13, weight="bold", va="center")
        self._text(COLUMNS - 0.1, 0.55, subtitle, size=9, va="center", ha="right", color=FAINT)

    def heading(self, panel: Panel) -> None:
        place = panel.json["gridPos"]
        self._text(0.1, HEAD + place["y"] + 0.6, panel.title, size=10.5, weight="bold", va="center", color=FAINT)

    def card(self, panel: Panel) -> Axes:
        """A white card with the panel's title; returns what to draw into, without axes."""
        place = panel.json["gridPos"]
        left, top, width, height = place["x"], HEAD + place["y"], place["w"], place["h"]
        box = FancyBboxPatch(
            self._point(left + GAP, top + height - 2 * GAP),
            (width - 2 * GAP) / COLUMNS,
            (height - 3 * GAP) / self._rows,
            boxstyle="round,pad=0,rounding_size=0.002",
            facecolor=CARD,
            edgecolor=EDGE,
            linewidth=0.8,
            zorder=-1,
        )
        self.figure.add_artist(box)
        self._text(left + 0.25, top + 0.58, panel.title, size=8.5, weight="bold", va="center")
        return self._axes(left + 0.25, top + 1.05, width - 0.5, height - 1.3)

    def save(self, path: Path) -> None:
        """With the theme's colours only: flat colours look as good, at a third of the size."""
        for dots in SMALLER:
            raw, small = io.BytesIO(), io.BytesIO()
            self.figure.savefig(raw, format="png", facecolor=PAGE, dpi=dots)
            picture = Image.open(raw).convert("RGB").quantize(palette=_palette(), dither=Image.Dither.NONE)
            picture.save(small, format="png", optimize=True)
            if small.tell() <= LARGEST:
                break
        path.write_bytes(small.getvalue())

    def _axes(self, left: float, top: float, width: float, height: float) -> Axes:
        x, y = self._point(left, top + height)
        axes = self.figure.add_axes((x, y, width / COLUMNS, height / self._rows), facecolor=CARD)
        axes.set_axis_off()
        return axes

    def _point(self, column: float, row: float) -> tuple[float, float]:
        return column / COLUMNS, 1 - row / self._rows

    def _text(self, column: float, row: float, words: str, **style: Any) -> None:
        x, y = self._point(column, row)
        self.figure.text(x, y, words, **{"color": TEXT, **style})


def _palette() -> Image.Image:
    """The theme's colours, each from itself to white, and the heatmaps'."""
    blues = [colormaps["Blues"](step / 31)[:3] for step in range(32)]
    mixed = [
        tuple(1 - (1 - part) * share / 8 for part in to_rgb(color))
        for color in (*NAMED.values(), *PALETTE, TEXT, FAINT)
        for share in range(1, 9)
    ]
    colors = [to_rgb(PAGE), to_rgb(CARD), to_rgb(EDGE), to_rgb(GRID), *blues, *mixed]
    palette = Image.new("P", (1, 1))
    palette.putpalette([round(255 * part) for color in colors[:256] for part in color])
    return palette


def inner(axes: Axes, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes within a card's, with margins in inches."""
    figure = axes.figure
    box = axes.get_position()
    width, height = figure.get_figwidth(), figure.get_figheight()  # type: ignore[union-attr]
    place = (
        box.x0 + left / width,
        box.y0 + bottom / height,
        box.width - (left + right) / width,
        box.height - (top + bottom) / height,
    )
    return figure.add_axes(place, facecolor=CARD)
