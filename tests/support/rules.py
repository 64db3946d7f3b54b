"""Prometheus's rule files: reading them, and making their hours seconds for a test that cannot wait."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import REPOSITORY

RULES = REPOSITORY / "deploy" / "prometheus" / "rules"
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
_DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
_STRINGS = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_TIMES = re.compile(rf"(?<=\[){_DURATION}(?=[\]:])|(?<=:){_DURATION}(?=\])|(?<=offset ){_DURATION}")
_FIELDS = ("for", "keep_firing_for")


def read_rules() -> dict[str, dict[str, Any]]:
    """File name → what it holds."""
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yml"))}


def each_rule(files: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for content in files.values():
        for group in content["groups"]:
            yield from group["rules"]


def shortened(rules: dict[str, Any], factor: float) -> dict[str, Any]:
    """One file's rules with every time divided by ``factor``: ranges, offsets, ``for``, intervals.

    The names of recorded series stay (``increase1h`` is then of a shorter time), so that dashboards and queries find
    them. Times that are plain numbers, seconds in an expression, stay too, and so do counts.
    """
    short = copy.deepcopy(rules)
    for group in short["groups"]:
        if "interval" in group:
            group["interval"] = divided(group["interval"], factor)
        for rule in group["rules"]:
            rule["expr"] = _expression(str(rule["expr"]), factor)
            rule |= {name: divided(rule[name], factor) for name in _FIELDS if name in rule}
    return short


def write_shortened(folder: Path, factor: float) -> None:
    """Every rule file, shortened, into ``folder``."""
    for name, rules in read_rules().items():
        (folder / name).write_text(yaml.safe_dump(shortened(rules, factor), sort_keys=False), encoding="utf-8")


def milliseconds(duration: str) -> int:
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def divided(duration: str, factor: float) -> str:
    """At least a millisecond, but none of nothing."""
    whole = milliseconds(duration)
    return f"{max(1, round(whole / factor))}ms" if whole else duration


def _expression(text: str, factor: float) -> str:
    """What stands in quotes is no time."""
    parts = _STRINGS.split(text)
    return "".join(
        part if index % 2 else _TIMES.sub(lambda found: divided(found[0], factor), part)
        for index, part in enumerate(parts)
    )
