"""The page: the panels' cards, laid out as Grafana's grid has them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from PIL import Image

from deploy.grafana.boards import Board, Panel
from deploy.grafana.render.colors import CARD, EDGE, FAINT, PAGE, TEXT

COLUMNS = 24
INCHES = (0.60, 0.37)
"""Of a column, of a row."""
HEAD = 1.0
"""Rows for the dashboard's title."""
GAP = 0.05
DPI = 100
COLORS = 96


class Canvas:
    """A figure as large as the dashboard's grid."""

    def __init__(self, board: Board) -> None:
        self._rows = HEAD + max(panel.json["gridPos"]["y"] + panel.json["gridPos"]["h"] for panel in board.panels)
        size = (COLUMNS * INCHES[0], self._rows * INCHES[1])
        self.figure = Figure(figsize=size, dpi=DPI, facecolor=PAGE)
        self._text(0.1, 0.55, board.title, size=13, weight="bold", va="center")

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
        """With few colours: a picture of flat colours is as good, and a third of the size."""
        raw = io.BytesIO()
        self.figure.savefig(raw, format="png", facecolor=PAGE)
        picture = Image.open(raw).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        picture.save(path, optimize=True)

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
