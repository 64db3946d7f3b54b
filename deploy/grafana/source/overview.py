"""System overview: whether all is well, and where to look if not."""

from __future__ import annotations

from deploy.grafana.source.across import CAPACITY, GATEWAY, MODEL, SERIES_MODEL, SLO, response_times
from deploy.grafana.source.frame import Panel, runbook
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import lines, number, stacked, states
from deploy.grafana.source.promql import (
    ALERTS,
    FAILED,
    FIRING,
    OF_USERS,
    abstained,
    or_zero,
    quantile,
    rate,
    rate_share,
)
from deploy.grafana.source.scales import (
    ABSTENTIONS,
    ANY,
    AVAILABLE,
    FAILURES,
    GREEN,
    MEMORY_PERCENT,
    RED,
    SECONDS,
    UNASKED,
    UP,
)
from deploy.grafana.source.tables import Column, Key, table_of


def page() -> Page:
    return Page(
        "overview",
        "System overview",
        "Whether all is well, and where to look if not: a click on a model or a number leads to its own dashboard.",
        [
            ("Now", _now()),
            ("Models", [_models(), _availability()]),
            ("Traffic", _traffic()),
            ("Processes", _processes()),
            ("Alerts", [alerts()]),
        ],
    )


def _now() -> list[Panel]:
    return [
        number(
            "Models available",
            "Share of the models that every gateway can ask at least one instance of.",
            "avg(min by (model) (model_availability))",
            unit="percentunit",
            base=RED,
            limits=((1.0, GREEN),),
            click=[SLO],
            links=[runbook("ModelUnavailable")],
        ),
        number(
            "Requests",
            "Requests of users that the gateways answer each second: without probes and what the page asks by itself.",
            or_zero(rate(f"http_requests_total{{{OF_USERS}}}")),
            unit="reqps",
            decimals=1,
            click=[GATEWAY],
        ),
        number(
            "Failed",
            "Share of the requests for a model's answer that failed by the system's fault.",
            rate_share("model_requests_total", FAILED, ""),
            unit="percentunit",
            decimals=2,
            limits=FAILURES,
            click=[GATEWAY],
            empty=UNASKED,
        ),
        number(
            "Response time, p95",
            "95 % of users' requests are answered within this time: without probes and what the page asks by itself.",
            quantile(0.95, f"http_request_duration_seconds{{{OF_USERS}}}"),
            empty="until a user asks",
            unit="s",
            limits=SECONDS,
            click=[GATEWAY],
            links=[runbook("HighResponseTime")],
        ),
        number(
            "Targets down",
            "Processes that Prometheus knows of and cannot read.",
            "count(up == 0) or vector(0)",
            limits=ANY,
            links=[runbook("TargetDown")],
            click=[CAPACITY],
        ),
        number(
            "Alerts firing",
            "Alerts that fire now; they are listed at the end of this page.",
            or_zero(f"count({FIRING})"),
            limits=ANY,
            click=[SLO],
        ),
    ]


def _models() -> Panel:
    asked = rate("model_requests_total", "model")
    return table_of(
        "Models",
        "Each model's state and how it answers now; a click on the name opens its dashboard.",
        [Key("model", "Model", (MODEL,))],
        [
            Column("State", "min by (model) (model_availability)", words=AVAILABLE),
            Column("Ready", 'min by (model) (model_instances{state="ready"})', limits=((1, GREEN),), base=RED),
            Column("Requests", asked, "reqps", decimals=2),
            Column("Failed", rate_share("model_requests_total", FAILED, "", "model"), "percentunit", FAILURES, 2),
            Column("p50", quantile(0.5, "model_request_duration_seconds", "model"), "s"),
            Column("p95", quantile(0.95, "model_request_duration_seconds", "model"), "s", SECONDS),
            Column(
                "Abstained",
                abstained(rate, "model"),
                "percentunit",
                ABSTENTIONS,
                1,
            ),
            Column("Waiting", "sum by (model) (model_requests_waiting)", limits=((1, "yellow"), (20, RED))),
        ],
        size=(15, 9),
        empty="until a model has been asked, but for its state",
    )


def _availability() -> Panel:
    return states(
        "Availability",
        "When any gateway could ask no instance of a model.",
        ("min by (model) (model_availability)", "{{model}}"),
        words=AVAILABLE,
        limits=((1.0, GREEN),),
        base=RED,
        size=(9, 9),
        click=[SERIES_MODEL],
    )


def _traffic() -> list[Panel]:
    return [
        stacked(
            "Requests by model",
            "Requests for a model's answer each second.",
            (rate("model_requests_total", "model"), "{{model}}"),
            unit="reqps",
            click=[SERIES_MODEL],
            empty=UNASKED,
        ),
        response_times(links=[runbook("HighResponseTime")]),
        stacked(
            "Failed by outcome",
            "Requests each second that failed by the system's fault, by the error's code.",
            (rate(f"model_requests_total{{{FAILED}}}", "model", "outcome"), "{{model}} {{outcome}}"),
            unit="reqps",
            click=[SERIES_MODEL],
            empty="until a request fails",
        ),
    ]


def _processes() -> list[Panel]:
    return [
        states(
            "Targets",
            "Which processes Prometheus could read, one or more instances each.",
            ("min by (job, service) (up)", "{{job}} {{service}}"),
            words=UP,
            limits=((1.0, GREEN),),
            base=RED,
            click=[CAPACITY],
        ),
        lines(
            "Memory of the limit",
            "The memory that each process uses, of what its container may.",
            ("max by (job, service, instance) (memory_usage_percent)", "{{job}} {{service}} {{instance}}"),
            unit="percent",
            limits=MEMORY_PERCENT,
            click=[CAPACITY],
            links=[runbook("HighMemoryUsage")],
        ),
        lines(
            "Refused",
            "Requests each second that were not let in, by reason.",
            (rate("requests_refused_total", "reason"), "{{reason}}"),
            unit="reqps",
            click=[GATEWAY],
            empty="until a request is refused",
        ),
    ]


def alerts() -> Panel:
    return table_of(
        "Alerts now",
        "Alerts that fire or are about to; a click on the name opens what to do.",
        [
            Key("alertname", "Alert", (runbook("${__value.raw}"),)),
            Key("alertstate", "State"),
            Key("severity", "Severity"),
            Key("model", "Model", (MODEL,)),
            Key("service", "Service"),
            Key("instance", "Instance"),
        ],
        [Column("Series", f"count by (alertname, alertstate, severity, model, service, instance) ({ALERTS})")],
        size=(24, 6),
        empty="while no alert is pending or fires",
    )
