"""SLO: the two objectives, how much of their error budget is left, and how fast it burns."""

from __future__ import annotations

from typing import Protocol

from deploy.grafana.source.frame import Panel, runbook, to_dashboard
from deploy.grafana.source.overview import alerts
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import bars, lines, number
from deploy.grafana.source.promql import FAILED, ONE_SECOND, increase, or_zero, share
from deploy.grafana.source.scales import GREEN, RED, UNASKED, YELLOW

MODEL = to_dashboard("One model", "model", "var-model=${__field.labels.model}")
AVAILABILITY, LATENCY = 0.999, 0.99
PERIOD = "30d"
WINDOWS = ("5m", "30m", "1h", "6h", "1d", "3d")
FAST, SLOW = 14.4, 6.0
"""The burn rates that page: 2 % of the month's budget within 1 h, 5 % within 6 h."""
BURNS = ((1.0, YELLOW), (SLOW, "orange"), (FAST, RED))
LEFT = ((0.0, YELLOW), (0.25, GREEN))


def page() -> Page:
    return Page(
        "slo",
        "SLO",
        "Objectives over 30 days: 99.9 % of the requests for a model's answer do not fail by the system's fault, "
        "and 99 % are answered within 1 s.",
        [
            ("Objectives over 30 days", _objectives()),
            ("Burn rates now", [_burning("Availability", failed), _burning("Latency", late)]),
            ("Burn rates over time", [_burned("Availability", failed), _burned("Latency", late)]),
            ("By model", _models()),
            ("Alerts", [_firing(), alerts()]),
        ],
        time="now-24h",
        refresh="1m",
    )


class Bad(Protocol):
    """The share of bad requests over ``window``, by labels."""

    def __call__(self, window: str, *by: str) -> str: ...


def failed(window: str, *by: str) -> str:
    """Share of the requests that failed by the system's fault. The whole from the histogram: it has fewer series."""
    whole = increase("model_request_duration_seconds_count", *by, window=window)
    return share(increase(f"model_requests_total{{{FAILED}}}", *by, window=window), whole)


def late(window: str, *by: str) -> str:
    """Share of the requests that took more than a second."""
    whole = increase("model_request_duration_seconds_count", *by, window=window)
    within = increase(f"model_request_duration_seconds_bucket{{{ONE_SECOND}}}", *by, window=window)
    return f"1 - {within} / ({whole} > 0)"


OBJECTIVES: dict[Bad, float] = {failed: AVAILABILITY, late: LATENCY}


def _objectives() -> list[Panel]:
    return [
        _kept("Available", "Share of the requests that did not fail by the system's fault.", failed),
        _left("Availability budget left", failed),
        _kept("Within 1 s", "Share of the requests that were answered within a second.", late),
        _left("Latency budget left", late),
        number(
            "Requests",
            "Requests for a model's answer in 30 days.",
            or_zero(increase("model_request_duration_seconds_count", window=PERIOD)),
            decimals=0,
        ),
        number(
            "Failed requests",
            "Of these, those that failed by the system's fault.",
            or_zero(increase(f"model_requests_total{{{FAILED}}}", window=PERIOD)),
            decimals=0,
        ),
    ]


def _kept(title: str, text: str, bad: Bad) -> Panel:
    good = f"1 - ({bad(PERIOD)})"
    limits = ((OBJECTIVES[bad], GREEN),)
    return number(title, text, good, unit="percentunit", decimals=3, base=RED, limits=limits, empty=UNASKED)


def _left(title: str, bad: Bad) -> Panel:
    return number(
        title,
        "Share of the failures that the objective allows in 30 days and that are still to come; below 0 it is missed.",
        f"1 - ({bad(PERIOD)}) / {1 - OBJECTIVES[bad]:g}",
        unit="percentunit",
        decimals=1,
        base=RED,
        limits=LEFT,
        empty=UNASKED,
    )


def _rate(bad: Bad, window: str, *by: str) -> str:
    """How many times as fast as the objective allows."""
    return f"({bad(window, *by)}) / {1 - OBJECTIVES[bad]:g}"


def _burning(name: str, bad: Bad) -> Panel:
    return bars(
        f"{name} burn rate",
        "How many times as fast as the objective allows the budget is used up, over the time before now: "
        f"{FAST} for an hour, or {SLOW:g} for six, page.",
        *((_rate(bad, window), window) for window in WINDOWS),
        limits=BURNS,
        decimals=2,
        size=(12, 7),
        links=[runbook(f"{name}Burn")],
        empty=UNASKED,
    )


def _burned(name: str, bad: Bad) -> Panel:
    return lines(
        f"{name} burn rate over time",
        "The same over 5 minutes, an hour and six hours before each point.",
        *((_rate(bad, window), window) for window in ("5m", "1h", "6h")),
        limits=BURNS,
        decimals=2,
        size=(12, 8),
        empty=UNASKED,
    )


def _models() -> list[Panel]:
    return [
        lines(
            "Failed by model, 1 h",
            "Share of each model's requests of the hour before that failed by the system's fault.",
            (failed("1h", "model"), "{{model}}"),
            unit="percentunit",
            limits=((1 - AVAILABILITY, RED),),
            click=[MODEL],
            size=(12, 8),
            empty=UNASKED,
        ),
        lines(
            "Over 1 s by model, 1 h",
            "Share of each model's requests of the hour before that took more than a second.",
            (late("1h", "model"), "{{model}}"),
            unit="percentunit",
            limits=((1 - LATENCY, RED),),
            click=[MODEL],
            size=(12, 8),
            empty=UNASKED,
        ),
    ]


def _firing() -> Panel:
    return lines(
        "Alerts over time",
        "Series of each alert that fired.",
        ('count by (alertname, severity) (ALERTS{alertstate="firing"})', "{{alertname}} {{severity}}"),
        decimals=0,
        size=(24, 6),
        empty="while no alert fires",
    )
