"""Tables: a row a model or an alert, a column a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.common import TableCellHeight
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    ValueMap,
    ValueMappingResult,
)

from deploy.grafana.source.frame import Limits, Options, as_rows, dress, steps, targets


@dataclass(frozen=True)
class Column:
    """A query's values. ``words``: a value's word and colour."""

    title: str
    expression: str
    unit: str = "short"
    limits: Limits = ()
    decimals: int | None = None
    words: dict[str, tuple[str, str]] | None = None
    base: str = "green"


@dataclass(frozen=True)
class Key:
    """A label that names the row, and where a click on it leads."""

    label: str
    title: str
    click: tuple[DashboardLink, ...] = ()


def table_of(title: str, text: str, keys: list[Key], columns: list[Column], **options: Unpack[Options]) -> table.Panel:
    """The queries' rows, joined by the labels that they have in common. Labels that are no key are left out."""
    panel = table.Panel().cell_height(TableCellHeight.SM).show_header(True).no_value("–")
    targets(dress(panel, title, text, **options), [as_rows(column.expression) for column in columns])
    panel.with_transformation(DataTransformerConfig("merge", options={}))
    panel.with_transformation(DataTransformerConfig("organize", options=_organized(keys, columns)))
    for key in keys:
        panel.override_by_name(key.title, [DynamicConfigValue("links", [one.build() for one in key.click])])
    for column in columns:
        panel.override_by_name(column.title, _properties(column))
    return panel


def _values(columns: list[Column]) -> list[str]:
    """As Grafana names the value of each query."""
    return ["Value"] if len(columns) == 1 else [f"Value #{letter}" for letter in "ABCDEFGHIJ"[: len(columns)]]


def _organized(keys: list[Key], columns: list[Column]) -> dict[str, object]:
    values = _values(columns)
    order = [key.label for key in keys] + values
    names = [key.title for key in keys] + [column.title for column in columns]
    return {
        "excludeByName": {"Time": True},
        "indexByName": {name: index for index, name in enumerate(order)},
        "renameByName": dict(zip(order, names, strict=True)),
    }


def _properties(column: Column) -> list[DynamicConfigValue]:
    found = [DynamicConfigValue("unit", column.unit)]
    if column.decimals is not None:
        found.append(DynamicConfigValue("decimals", column.decimals))
    if column.words:
        words = {value: ValueMappingResult(word, color) for value, (word, color) in column.words.items()}
        found.append(DynamicConfigValue("mappings", [ValueMap(words)]))
    if column.limits or column.words:
        found.append(DynamicConfigValue("thresholds", steps(column.limits, column.base).build()))
        found.append(DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    return found
