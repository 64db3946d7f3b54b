"""The kinds of panels, each a function: a title, one sentence of what it shows, its queries, ``frame.Options``.

``empty`` says when a panel may show nothing though all is well. It ends the description, and the tests that run every
query against a live system read it there.
"""

from __future__ import annotations

from typing import Unpack

from grafana_foundation_sdk.builders import bargauge, common, gauge, heatmap, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import FieldColorModeId
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode, HeatmapColorScale
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.source.frame import Options, dress, now, over_time, targets

Named = tuple[str, str]
"""A query and its legend."""


def number(title: str, text: str, expression: str, **options: Unpack[Options]) -> stat.Panel:
    """One big number: the value of now."""
    options.setdefault("size", (4, 4))
    panel = stat.Panel().graph_mode(BigValueGraphMode.NONE).reduce_options(_last())
    panel.color_mode(BigValueColorMode.VALUE if "limits" in options or "words" in options else BigValueColorMode.NONE)
    return targets(dress(panel.no_value("–"), title, text, **options), [now(expression)])


def dial(title: str, text: str, expression: str, **options: Unpack[Options]) -> gauge.Panel:
    """What has an end: a share of a limit."""
    options.setdefault("size", (4, 4))
    options.setdefault("top", 1)
    panel = gauge.Panel().reduce_options(_last()).no_value("–")
    return targets(dress(panel, title, text, **options), [now(expression)])


def bars(title: str, text: str, *queries: Named, **options: Unpack[Options]) -> bargauge.Panel:
    """A bar a series: the value of now."""
    panel = bargauge.Panel().reduce_options(_last()).orientation(VizOrientation.HORIZONTAL)
    panel.display_mode(BarGaugeDisplayMode.BASIC).min(0).no_value("–")
    return targets(dress(panel, title, text, **options), [now(*query) for query in queries])


def lines(
    title: str, text: str, *queries: Named, exemplars: bool = False, **options: Unpack[Options]
) -> timeseries.Panel:
    """A line a series. ``exemplars``: with the traces of single requests, for what reads a histogram."""
    panel = timeseries.Panel().line_width(1.5).fill_opacity(8).show_points(VisibilityMode.NEVER).axis_soft_min(0)
    panel.legend(_legend()).tooltip(
        common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING)
    )
    panel.color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
    if "limits" in options:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    return targets(dress(panel, title, text, **options), [over_time(*query, exemplars) for query in queries])


def stacked(title: str, text: str, *queries: Named, **options: Unpack[Options]) -> timeseries.Panel:
    """Parts that make a whole."""
    panel = lines(title, text, *queries, **options).fill_opacity(45).line_width(1)
    return panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))


def states(title: str, text: str, *queries: Named, **options: Unpack[Options]) -> statetimeline.Panel:
    """A band a series, coloured by its value's word."""
    panel = statetimeline.Panel().show_value(VisibilityMode.NEVER).row_height(0.8).merge_values(True).fill_opacity(75)
    panel.legend(common.VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST))
    return targets(dress(panel, title, text, **options), [over_time(*query) for query in queries])


def heat(title: str, text: str, expression: str, **options: Unpack[Options]) -> heatmap.Panel:
    """How often which bucket, over time, with the traces of single requests."""
    color = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(64).exponent(0.5)
    panel = heatmap.Panel().calculate(False).color(color.scale(HeatmapColorScale.EXPONENTIAL)).cell_gap(1)
    panel.y_axis(heatmap.YAxisConfig().unit(options.get("unit", "short"))).hide_legend()
    query = over_time(expression, "{{le}}", exemplars=True).format(PromQueryFormat.HEATMAP)
    return targets(dress(panel, title, text, **options), [query])


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def _legend() -> common.VizLegendOptions:
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.BOTTOM)
    return legend.show_legend(True).calcs(["lastNotNull", "max"])


__all__ = ["bars", "dial", "heat", "lines", "number", "stacked", "states"]
