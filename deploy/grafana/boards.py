"""The checked-in dashboards as other programs read them: their panels, and their queries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "provisioning" / "dashboards" / "json"
EMPTY = re.compile(r"\bEmpty (?:until|unless|while) .+\.$")
"""The sentence that says when a panel may show nothing though all is well."""


@dataclass(frozen=True)
class Target:
    """One query of a panel, as it is written. ``instant``: of now; else over time."""

    expression: str
    legend: str
    instant: bool


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard; ``json`` is all of it."""

    json: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.json["title"])

    @property
    def kind(self) -> str:
        """ "stat", "timeseries", …; "row" is a heading."""
        return str(self.json["type"])

    @property
    def empty(self) -> str | None:
        """When it may show nothing though all is well; None: never."""
        found = EMPTY.search(self.json.get("description", ""))
        return found[0] if found else None

    @property
    def targets(self) -> list[Target]:
        return [
            Target(one["expr"], one.get("legendFormat", ""), bool(one.get("instant")))
            for one in self.json.get("targets", [])
        ]


@dataclass(frozen=True)
class Board:
    """A dashboard; ``json`` is all of it."""

    json: dict[str, Any]

    @property
    def uid(self) -> str:
        return str(self.json["uid"])

    @property
    def title(self) -> str:
        return str(self.json["title"])

    @property
    def every(self) -> dict[str, str]:
        """The variables that stand at "All", and what that stands for in a query."""
        variables = self.json["templating"]["list"]
        return {one["name"]: one["allValue"] for one in variables if one.get("includeAll")}

    @property
    def panels(self) -> list[Panel]:
        """In their order, headings too."""
        return [Panel(one) for one in self.json["panels"]]


def boards(folder: Path = FOLDER) -> list[Board]:
    """Every dashboard, by file name."""
    return [Board(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]


def resolve(expression: str, values: Mapping[str, str]) -> str:
    """With ``$name`` and ``${name}`` replaced. Raises KeyError for a variable without a value."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: values[found[1] or found[2]], expression)


def empty() -> Iterator[tuple[tuple[str, str], str]]:
    """(uid, panel's title) and when it may show nothing though all is well."""
    for board in boards():
        for panel in board.panels:
            if panel.empty:
                yield (board.uid, panel.title), panel.empty
