"""SLO: the two objectives, how much of their error budget is left, and how fast it burns.

Reads what ``deploy/prometheus/rules`` records, so that it shows the very numbers that the alerts compare; a month of
the counters themselves would be too much for a page.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh, VariableSort

from deploy.grafana.source.across import MODEL, SERIES_MODEL
from deploy.grafana.source.frame import SOURCE, Panel, runbook
from deploy.grafana.source.overview import alerts
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import bars, lines, number
from deploy.grafana.source.promql import FIRING
from deploy.grafana.source.scales import GREEN, RED, UNASKED, YELLOW
from deploy.grafana.source.tables import Column, Key, table_of

AVAILABILITY, LATENCY = 0.001, 0.01
"""Shares of the requests that may be bad: the objectives are 99.9 % and 99 %."""
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
BURNS = ((1.0, YELLOW), (6.0, "orange"), (14.4, RED))
"""1: the budget lasts the month. 6 over six hours, or 14.4 over one, is a page."""
LEFT = ((0.0, YELLOW), (0.25, GREEN))
M = 'model=~"$model"'
LATE = f"avg_over_time(model:slo_slow:increase5m{{{M}}}[30d])"
ANSWERS = f"(avg_over_time(model:slo_answers:increase5m{{{M}}}[30d]) > 0)"
LATE_SHARE = f"{LATE} / {ANSWERS}"
FAILED = "sum(avg_over_time(job:slo_errors:increase5m[30d]))"
REQUESTS = "sum(avg_over_time(job:slo_requests:increase5m[30d]))"
FAILED_SHARE = f"{FAILED} / ({REQUESTS} > 0)"
AVAILABILITY_BOOK, LATENCY_BOOK = runbook("AvailabilityBudgetBurn"), runbook("LatencyBudgetBurn")


def page() -> Page:
    return Page(
        "slo",
        "SLO",
        "Objectives over 30 days: 99.9 % of the requests are answered without a 5xx, 99 % of each model's "
        "within 1 s (the chatbot's: 10 s).",
        [
            ("Objectives over 30 days", _objectives()),
            ("Burn rates now", _burning()),
            ("Burn rates over time", _burned()),
            ("By model", _models()),
            ("Alerts", [_firing(), alerts()]),
        ],
        variables=[_variable()],
        time="now-24h",
        refresh="1m",
    )


def _variable() -> QueryVariable:
    every = VariableOption(selected=True, text="All", value="$__all")
    variable = QueryVariable("model").label("Model").query("label_values(model_availability, model)")
    variable.datasource(SOURCE).sort(VariableSort.ALPHABETICAL_ASC).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    return variable.include_all(True).all_value(".*").multi(False).current(every)


def _objectives() -> list[Panel]:
    return [
        number(
            "Available",
            "Share of the requests that were answered without a 5xx; health checks and 404s do not count.",
            f"1 - {FAILED_SHARE}",
            unit="percentunit",
            decimals=3,
            base=RED,
            limits=((1 - AVAILABILITY, GREEN),),
            empty=UNASKED,
        ),
        number(
            "Availability budget left",
            "Share of the failures allowed in 30 days that may still come; below 0 the objective is missed.",
            f"1 - {FAILED_SHARE} / {AVAILABILITY:g}",
            unit="percentunit",
            decimals=1,
            base=RED,
            limits=LEFT,
            links=[AVAILABILITY_BOOK],
            empty=UNASKED,
        ),
        number(
            "In time",
            "Share of the answers that took no more than 1 s (chatbot: 10 s), of the slowest chosen model.",
            f"min(1 - {LATE_SHARE})",
            unit="percentunit",
            decimals=2,
            base=RED,
            limits=((1 - LATENCY, GREEN),),
            empty=UNASKED,
        ),
        number(
            "Latency budget left",
            "Share of the slow answers allowed in 30 days that may still come, of the slowest chosen model.",
            f"min(1 - {LATE_SHARE} / {LATENCY:g})",
            unit="percentunit",
            decimals=1,
            base=RED,
            limits=LEFT,
            links=[LATENCY_BOOK],
            empty=UNASKED,
        ),
        number(
            "Requests, 5 min",
            "How many requests count in the five minutes before now.",
            "sum(job:slo_requests:increase5m)",
            decimals=0,
            empty=UNASKED,
        ),
        number(
            "Failed, 5 min",
            "How many of these were answered with a 5xx.",
            "sum(job:slo_errors:increase5m)",
            decimals=0,
            limits=((1.0, YELLOW), (10.0, RED)),
            empty=UNASKED,
        ),
    ]


def _failing(window: str) -> tuple[str, str]:
    return f"max(job:slo_errors:ratio{window}) / {AVAILABILITY:g}", window


def _slow(window: str) -> tuple[str, str]:
    return f"max(model:slo_slow:ratio{window}{{{M}}}) / {LATENCY:g}", window


def _burning() -> list[Panel]:
    return [
        bars(
            "Availability burn rate",
            "How many times too fast the budget is used up, over each window before now; 1 lasts the month.",
            *map(_failing, WINDOWS),
            limits=BURNS,
            decimals=2,
            size=(12, 7),
            links=[AVAILABILITY_BOOK],
            empty=UNASKED,
        ),
        bars(
            "Latency burn rate",
            "How many times too fast the slowest chosen model uses its budget up, over each window before now.",
            *map(_slow, WINDOWS),
            limits=BURNS,
            decimals=2,
            size=(12, 7),
            links=[LATENCY_BOOK],
            empty=UNASKED,
        ),
    ]


def _burned() -> list[Panel]:
    return [
        lines(
            "Availability burn rate over time",
            "How many times too fast the budget was used up, over the window before each point.",
            *map(_failing, ("5m", "1h", "6h")),
            limits=BURNS,
            decimals=2,
            size=(12, 8),
            empty=UNASKED,
        ),
        lines(
            "Latency burn rate over time",
            "How many times too fast the slowest chosen model used its budget up, over the window before each point.",
            *map(_slow, ("5m", "1h", "6h")),
            limits=BURNS,
            decimals=2,
            size=(12, 8),
            empty=UNASKED,
        ),
    ]


def _models() -> list[Panel]:
    return [
        table_of(
            "Latency by model",
            "Each model's objective over 30 days, and how fast its budget burns now.",
            [Key("model", "Model", (MODEL,))],
            [
                Column("In time", f"1 - {LATE_SHARE}", "percentunit", ((1 - LATENCY, GREEN),), 2, base=RED),
                Column("Budget left", f"1 - {LATE_SHARE} / {LATENCY:g}", "percentunit", LEFT, 1, base=RED),
                Column("Burn, 1 h", f"model:slo_slow:ratio1h{{{M}}} / {LATENCY:g}", limits=BURNS, decimals=2),
                Column("Burn, 6 h", f"model:slo_slow:ratio6h{{{M}}} / {LATENCY:g}", limits=BURNS, decimals=2),
            ],
            size=(12, 8),
            empty=UNASKED,
        ),
        lines(
            "Late by model, 1 h",
            "Share of each model's requests of the hour before that took more than 1 s (chatbot: 10 s).",
            (f"model:slo_slow:ratio1h{{{M}}}", "{{model}}"),
            unit="percentunit",
            limits=((LATENCY, RED),),
            click=[SERIES_MODEL],
            size=(12, 8),
            empty=UNASKED,
        ),
    ]


def _firing() -> Panel:
    return lines(
        "Alerts over time",
        "Series of each alert that fired.",
        (f"count by (alertname, severity) ({FIRING})", "{{alertname}} {{severity}}"),
        decimals=0,
        size=(24, 6),
        empty="while no alert fires",
    )
