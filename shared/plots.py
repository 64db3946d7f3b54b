"""The plots of a bundle: SVGs in its folder ``plots/``, files of the manifest like any other.

So a plot is always of the version that it is shown with, and one that was changed is not shown.
"""

from __future__ import annotations

import re
from typing import TypedDict

from shared.bundle import Bundle
from shared.errors import NotFound
from shared.manifest import BundleManifest

FOLDER = "plots"
NAME = r"^[a-z][a-z0-9_-]{0,63}$"
_FILE = re.compile(rf"{FOLDER}/([a-z][a-z0-9_-]{{0,63}})\.svg")
_TITLES = {"confusion": "Confusion matrix on test", "reliability": "Reliability on test: accuracy by confidence"}


class Plot(TypedDict):
    """What a card says of one."""

    name: str
    title: str


def plot_file(name: str) -> str:
    """Where in a bundle the plot lies."""
    return f"{FOLDER}/{name}.svg"


def plots_of(manifest: BundleManifest) -> list[Plot]:
    """Those that there are, by name."""
    names = sorted(match[1] for file in manifest.files if (match := _FILE.fullmatch(file)))
    return [Plot(name=name, title=_TITLES.get(name, name.replace("_", " ").capitalize())) for name in names]


def read_plot(bundle: Bundle, name: str) -> bytes:
    """The SVG. Raises NotFound for one that the bundle has not, BundleError for one that was changed."""
    if name not in [plot["name"] for plot in plots_of(bundle.manifest)]:
        raise NotFound(f"{bundle.manifest.model} {bundle.manifest.version} has no plot '{name}'.")
    return bundle.read(plot_file(name))
