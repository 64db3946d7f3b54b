"""Every query of every dashboard, ready to be asked: for tests against a Prometheus that reads a live system."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deploy.grafana.boards import Board, boards, empty, resolve

EMPTY: dict[tuple[str, str], str] = dict(empty())
"""(dashboard's uid, panel's title) → when it may show nothing though all is well, in the words of its description."""
_ANNOTATIONS = "Empty while nothing happens."
_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}


@dataclass(frozen=True)
class Query:
    """``empty``: when it may return nothing though all is well; None: never."""

    dashboard: str
    panel: str
    expr: str
    empty: str | None

    def __str__(self) -> str:
        return f"{self.dashboard} / {self.panel}: {self.expr}"


def queries(model: str = ".*", service: str = ".*", interval: str = "1m", span: str = "30m") -> list[Query]:
    """Of panels, variables and annotations. ``interval``: four scrapes at least; ``span``: the time on the page.

    The dashboards match ``model`` and ``service`` as regular expressions.
    """
    values = {"model": model, "service": service, "__rate_interval": interval, "__range": span}
    return [
        Query(one.dashboard, one.panel, resolve(one.expr, values), one.empty)
        for board in boards()
        for one in (*_panels(board), *_variables(board), *_annotations(board))
    ]


def metrics(expression: str) -> set[str]:
    """The names of the metrics that an expression reads."""
    bare = _GROUPING.sub("", _STRING.sub("", expression))
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    names = re.findall(rf"(?<![\w:.$])({_NAME.pattern})(?!\s*\()(?![\w:])", bare)
    return {name for name in names if name.lower() not in _WORDS}


def _panels(board: Board) -> list[Query]:
    return [
        Query(board.uid, panel.title, target.expression, panel.empty)
        for panel in board.panels
        for target in panel.targets
    ]


def _variables(board: Board) -> list[Query]:
    asked = [one for one in board.json["templating"]["list"] if one["type"] == "query"]
    found = [(one["name"], re.fullmatch(r"label_values\((.+), \w+\)", one["query"])) for one in asked]
    return [Query(board.uid, f"variable {name}", match[1], None) for name, match in found if match]


def _annotations(board: Board) -> list[Query]:
    return [
        Query(board.uid, f"annotation {one['name']}", one["expr"], _ANNOTATIONS)
        for one in board.json["annotations"]["list"]
    ]
