"""What Prometheus answers, as its HTTP interface gives it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Series:
    """Labels, Unix seconds, and a value for each; an instant query has one of both."""

    labels: dict[str, str]
    times: list[float]
    values: list[float]

    @property
    def last(self) -> float:
        return self.values[-1]

    def named(self, legend: str) -> str:
        """The legend with ``{{label}}`` replaced; without one the labels."""
        if not legend:
            return ", ".join(value for key, value in self.labels.items() if key != "__name__")
        words = re.sub(r"{{\s*(\w+)\s*}}", lambda found: self.labels.get(found[1], ""), legend)
        return " ".join(words.split())


@dataclass(frozen=True)
class Prometheus:
    """Queries at one time, or from ``start`` to ``end`` (Unix seconds) every ``step`` seconds."""

    client: httpx.Client
    start: float
    end: float
    step: float

    def instant(self, expression: str) -> list[Series]:
        """Raises httpx.HTTPError. What is not a number is left out."""
        found = self._ask("query", query=expression, time=self.end)
        if found["resultType"] == "scalar":
            return [Series({}, *_points([found["result"]]))]
        return _counted([Series(one["metric"], *_points([one["value"]])) for one in found["result"]])

    def over_time(self, expression: str) -> list[Series]:
        """Raises httpx.HTTPError. What is not a number is left out."""
        found = self._ask("query_range", query=expression, start=self.start, end=self.end, step=self.step)
        return _counted([Series(one["metric"], *_points(one["values"])) for one in found["result"]])

    def _ask(self, what: str, **parameters: str | float) -> dict[str, Any]:
        answer = self.client.post(f"/api/v1/{what}", data=parameters)
        answer.raise_for_status()
        data: dict[str, Any] = answer.json()["data"]
        return data


def _points(raw: list[Any]) -> tuple[list[float], list[float]]:
    numbers = [(float(time), float(value)) for time, value in raw]
    known = [(time, value) for time, value in numbers if math.isfinite(value)]
    return [time for time, _ in known], [value for _, value in known]


def _counted(found: list[Series]) -> list[Series]:
    return [series for series in found if series.values]
