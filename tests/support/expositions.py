"""What a ``/metrics`` says, and what the page says that it says."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, frozenset[tuple[str, str]]]
PARTS = {"le"}
"""Labels of a histogram's own."""


def families(text: str) -> set[str]:
    """The names of the metrics, the client library's own left out."""
    return {name for name in re.findall(r"^# TYPE (\S+) ", text, re.M) if not name.startswith(("process_", "python_"))}


def series(text: str) -> set[Series]:
    """Each series by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items()))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labels_of(text: str) -> dict[str, set[str]]:
    """Metric → the labels of its series; those without a series are left out."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.name if family.type in ("counter", "gauge") else family.name
            found.setdefault(name, set()).update(set(sample.labels) - PARTS)
    return found


def documented(page: Path, *sections: str) -> dict[str, set[str]]:
    """Metric → labels, as the tables of the page's sections have them."""
    text = page.read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for section in sections:
        table = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        for name, labels in re.findall(r"^\| `(\w+)` \| ([^|]+) \|", table, re.M):
            assert name not in found, f"{name} is there twice"
            found[name] = set(re.findall(r"`(\w+)`", labels))
    return found
