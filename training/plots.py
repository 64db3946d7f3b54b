"""Draws what a manifest measured: calibration and confusion on ``test``, as small SVGs for the cards.

The same manifest gives the same bytes: no date, fixed ids, text left as text. The ground is white, so that a picture
can be read on a dark page, too.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import beta

from shared.bundle import find_bundle, open_bundle, write_manifest
from shared.manifest import FileEntry, Manifest
from shared.plots import FOLDER, plot_file
from training.dataset import FOLDERS

_INK, _BLUE, _RED, _PALE = "#1f2328", "#0550ae", "#a40e26", "#c8d3e0"
_BINS = 15
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "doctorai",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "figure.facecolor": "white",
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def draw_all(models: Path, docs: Path) -> Path:
    """Draws each newest bundle's, into the bundle and as ``docs/plots/<model>-<plot>.svg``."""
    folder = docs / "plots"
    folder.mkdir(parents=True, exist_ok=True)
    for service in FOLDERS:
        root = find_bundle(models, service)
        model = open_bundle(root).manifest.model
        for name, data in draw(root).items():
            (folder / f"{model}-{name}.svg").write_bytes(data)
    return folder


def draw(root: Path) -> dict[str, bytes]:
    """Puts the plots into the bundle at ``root``, instead of those that it has; gives them."""
    manifest = open_bundle(root).manifest
    drawn = plots(manifest)
    kept = {name: entry for name, entry in manifest.files.items() if not name.startswith(f"{FOLDER}/")}
    shutil.rmtree(root / FOLDER, ignore_errors=True)
    if drawn:
        (root / FOLDER).mkdir()
    for name, data in drawn.items():
        (root / plot_file(name)).write_bytes(data)
    entries = {plot_file(name): FileEntry.of(data) for name, data in sorted(drawn.items())}
    write_manifest(root, manifest.model_copy(update={"files": kept | entries}))
    return drawn


def plots(manifest: Manifest) -> dict[str, bytes]:
    """Name → SVG, of what has been measured."""
    metrics = manifest.metrics
    test = metrics["test"] if "test" in metrics else metrics.get(manifest.default_signature, {}).get("test")
    calibration = metrics.get("trust", {}).get("calibration")
    drawn = {"confusion": confusion(test)} if test and "confusion" in test else {}
    return drawn | ({"reliability": reliability(calibration)} if calibration else {})


def reliability(found: Mapping[str, Any]) -> bytes:
    """Accuracy against confidence by bin, and how many answers are in each."""
    bins, ece = found["reliability"], found["ece"]
    with _figure(3.4, 3.6) as (figure, svg):
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        _bins(upper, bins)
        upper.set_title(f"ECE {ece['value']:.3f} [{ece['low']:.3f}, {ece['high']:.3f}]", fontsize=9)
        lower.bar(
            [_middle(row["confidence"]) for row in bins], [row["samples"] for row in bins], 0.9 / _BINS, color=_BLUE
        )
        lower.set(xlabel="confidence", ylabel="answers", xlim=(0, 1))
        return svg()


def confusion(found: Mapping[str, Any]) -> bytes:
    """Rows are the truth, columns what the model said; darker: more of its row."""
    labels, counts = found["labels"], np.array(found["confusion"])
    with _figure(1.6 + 0.55 * len(labels), 1.3 + 0.45 * len(labels)) as (figure, svg):
        axes = figure.subplots()
        shares = counts / counts.sum(axis=1, keepdims=True)
        axes.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=1)
        for (row, column), count in np.ndenumerate(counts):
            ink = "white" if shares[row, column] > 0.5 else _INK
            axes.text(column + 0.5, row + 0.5, str(count), ha="center", va="center", color=ink)
        places = np.arange(len(labels)) + 0.5
        axes.set_xticks(places, labels, rotation=30, ha="right")
        axes.set_yticks(places, labels)
        axes.invert_yaxis()
        axes.set(xlabel="said", ylabel="truth")
        return svg()


def _bins(axes: Axes, bins: list[Mapping[str, Any]]) -> None:
    x, y = [row["confidence"] for row in bins], [row["accuracy"] for row in bins]
    low, high = zip(*(_exact(row) for row in bins), strict=True)
    axes.plot([0, 1], [0, 1], color=_RED, linestyle="--", linewidth=1)
    axes.vlines(x, low, high, color=_BLUE, linewidth=1)
    axes.plot(x, y, "o", color=_BLUE, markersize=4)
    axes.set(ylabel="accuracy", ylim=(-0.03, 1.03))
    axes.grid(color=_PALE, linewidth=0.5)


def _exact(row: Mapping[str, Any]) -> tuple[float, float]:
    """Clopper-Pearson interval of a bin's accuracy."""
    samples, right = row["samples"], round(row["accuracy"] * row["samples"])
    low = float(beta.ppf(0.025, right, samples - right + 1)) if right else 0.0
    return low, float(beta.ppf(0.975, right + 1, samples - right)) if right < samples else 1.0


def _middle(confidence: float) -> float:
    return (min(int(confidence * _BINS), _BINS - 1) + 0.5) / _BINS


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Figure, Callable[[], bytes]]]:
    """A figure of inches, and what gives its SVG."""
    with mpl.rc_context(_STYLE):
        figure = Figure((width, height), layout="constrained")

        def svg() -> bytes:
            data = io.BytesIO()
            figure.savefig(data, format="svg", metadata=_NO_METADATA)
            return data.getvalue()

        yield figure, svg
