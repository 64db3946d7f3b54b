"""What all panels have in common: title, description, unit, limits, size, links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, TypeVar, Unpack

from grafana_foundation_sdk.builders import bargauge, gauge, heatmap, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink, ThresholdsConfig
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

Panel = stat.Panel | gauge.Panel | bargauge.Panel | timeseries.Panel | heatmap.Panel | statetimeline.Panel | table.Panel
P = TypeVar(
    "P", stat.Panel, gauge.Panel, bargauge.Panel, timeseries.Panel, heatmap.Panel, statetimeline.Panel, table.Panel
)
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
Limits = tuple[tuple[float, str], ...]
"""From which value on which colour; below the first one it is green."""


class Options(TypedDict, total=False):
    """``size``: columns of 24, rows. ``top``: the axis' end. ``words``: a value's word and colour."""

    unit: str
    size: tuple[int, int]
    limits: Limits
    base: str
    decimals: int
    top: float
    words: dict[str, tuple[str, str]]
    empty: str
    links: Sequence[DashboardLink]
    click: Sequence[DashboardLink]


def dress(panel: P, title: str, text: str, **options: Unpack[Options]) -> P:
    """The panel with all that every kind has. ``links`` stand at its title, ``click`` at its values."""
    width, height = options.get("size", (8, 7))
    panel.title(title).description(described(text, options.get("empty", ""))).datasource(SOURCE)
    panel.unit(options.get("unit", "short")).span(width).height(height)
    panel.thresholds(steps(options.get("limits", ()), options.get("base", "green")))
    if "decimals" in options:
        panel.decimals(options["decimals"])
    if "top" in options:
        panel.min(0).max(options["top"])
    if words := options.get("words"):
        panel.mappings([ValueMap({key: ValueMappingResult(text, color) for key, (text, color) in words.items()})])
    panel.links(list(options.get("links", ())))
    panel.data_links(list(options.get("click", ())))
    return panel


def described(text: str, empty: str) -> str:
    """``empty``: "until …", "unless …", "while …"."""
    return f"{text} Empty {empty}." if empty else text


def steps(limits: Limits, base: str = "green") -> ThresholdsConfig:
    found = [Threshold(None, base), *(Threshold(value, color) for value, color in limits)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def link(title: str, url: str) -> DashboardLink:
    return DashboardLink(title).type(DashboardLinkType.LINK).url(url)


def to_dashboard(title: str, name: str, variables: str = "") -> DashboardLink:
    """To another dashboard of ours, the time kept. ``variables``: "var-model=${__data.fields.model}"."""
    return link(title, f"/d/doctorai-{name}?{variables}{'&' if variables else ''}${{__url_time_range}}")


def runbook(name: str) -> DashboardLink:
    """To ``docs/runbooks/NAME.md``, wherever the dashboard's variable ``runbooks`` says that they are."""
    return link(f"Runbook: {name}", f"${{runbooks}}/{name}.md")


def over_time(expression: str, legend: str = "", exemplars: bool = False) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).legend_format(legend).range().exemplar(exemplars)


def now(expression: str, legend: str = "") -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expression).legend_format(legend).instant()


def as_rows(expression: str) -> prometheus.Dataquery:
    return now(expression).format(PromQueryFormat.TABLE)


def targets(panel: P, queries: Sequence[prometheus.Dataquery]) -> P:
    for letter, query in zip("ABCDEFGHIJKLMNOP", queries, strict=False):
        panel.with_target(query.ref_id(letter).datasource(SOURCE))
    return panel
