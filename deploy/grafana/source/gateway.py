"""Gateway: requests by route, what is refused, the calls to the models, the audit log, Redis."""

from __future__ import annotations

from deploy.grafana.source.across import CAPACITY, SERIES_MODEL, response_times
from deploy.grafana.source.frame import Panel, runbook, to_dashboard
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import dial, heat, lines, number, stacked, states
from deploy.grafana.source.promql import OF_USERS, buckets, or_zero, quantile, rate, rate_share
from deploy.grafana.source.scales import (
    ANY,
    AUDIT_CHECK,
    FAILURES,
    GREEN,
    RED,
    SECONDS,
    UNASKED,
    USE,
    YELLOW,
    YES_IS_BAD,
    YES_IS_GOOD,
)

DURATION = "http_request_duration_seconds"


def page() -> Page:
    return Page(
        "gateway",
        "Gateway",
        "Requests by route, what is refused, the calls to the models, the audit log, and Redis, over all gateways.",
        [
            ("Now", _now()),
            ("Requests", _requests()),
            ("Refusals and sign-in", _refusals()),
            ("Calls to the models", _models()),
            ("Audit log", _audit()),
            ("Redis, as the gateways see it", _redis()),
        ],
    )


def _now() -> list[Panel]:
    return [
        number(
            "Gateways up",
            "Gateways that Prometheus can read.",
            'sum(up{job="gateway"})',
            base=RED,
            limits=((1.0, GREEN),),
        ),
        number(
            "Requests",
            "Requests of users answered each second: without probes and what the page asks by itself.",
            or_zero(rate(f"http_requests_total{{{OF_USERS}}}")),
            unit="reqps",
            decimals=1,
        ),
        number(
            "Failed",
            "Share of the requests answered with a status of 500 or above.",
            rate_share("http_requests_total", 'status=~"5.."', ""),
            unit="percentunit",
            decimals=2,
            limits=FAILURES,
        ),
        number(
            "Response time, p95",
            "95 % of users' requests are answered within this time: without probes and what the page asks by itself.",
            quantile(0.95, f"{DURATION}{{{OF_USERS}}}"),
            empty="until a user asks",
            unit="s",
            limits=SECONDS,
            links=[runbook("HighResponseTime")],
        ),
        dial(
            "In hand",
            "Requests in hand of those that the fullest gateway takes before it refuses.",
            "max(http_requests_in_flight / on (job, instance) http_requests_limit)",
            unit="percentunit",
            limits=USE,
            links=[runbook("GatewaySaturated")],
        ),
        number(
            "Active callers",
            "Distinct callers of the last 15 minutes, of the gateway that has the most.",
            "max(callers_active)",
            decimals=0,
            click=[to_dashboard("Business", "business")],
        ),
    ]


def _requests() -> list[Panel]:
    return [
        stacked(
            "Requests by route",
            "Answered each second.",
            (rate("http_requests_total", "route"), "{{route}}"),
            unit="reqps",
        ),
        stacked(
            "Requests by status",
            "Answered each second.",
            (rate("http_requests_total", "status"), "{{status}}"),
            unit="reqps",
        ),
        lines(
            "Failed by route",
            "Share of each route's requests answered with a status of 500 or above.",
            (
                rate_share("http_requests_total", 'status=~"5.."', "", "route"),
                "{{route}}",
            ),
            unit="percentunit",
            limits=FAILURES,
        ),
        lines(
            "Response time by route, p95",
            "95 % of a route's requests are answered within this time; points are single requests with their traces.",
            (quantile(0.95, DURATION, "route"), "{{route}}"),
            exemplars=True,
            unit="s",
            limits=SECONDS,
            links=[runbook("HighResponseTime")],
            size=(12, 8),
        ),
        heat(
            "Response times",
            "How many requests took how long; points are single requests with their traces.",
            buckets(f'{DURATION}{{route=~"/api/.*|/v2/.*|/v1/.*"}}'),
            unit="s",
            size=(12, 8),
            empty="until something is asked",
        ),
    ]


def _refusals() -> list[Panel]:
    return [
        stacked(
            "Refused",
            "Requests each second that were not let in, by reason and what it counted for.",
            (rate("requests_refused_total", "reason", "scope"), "{{reason}}: {{scope}}"),
            unit="reqps",
            empty="until a request is refused",
        ),
        stacked(
            "Sign-ins",
            "A minute, by what came of them.",
            (f"60 * {rate('sign_ins_total', 'outcome')}", "{{outcome}}"),
            empty="until someone signs in",
        ),
        lines(
            "In hand by gateway",
            "Requests in hand at each gateway, and how many it takes.",
            ("sum by (instance) (http_requests_in_flight)", "{{instance}}"),
            ("min(http_requests_limit)", "limit"),
            click=[CAPACITY],
        ),
    ]


def _models() -> list[Panel]:
    return [
        lines(
            "Sent on, by model",
            "Requests in hand at a model's instances, and those that wait for a place at the gateways.",
            ("sum by (model) (model_requests_in_flight)", "{{model}} in flight"),
            ("sum by (model) (model_requests_waiting)", "{{model}} waiting"),
            click=[SERIES_MODEL],
            size=(8, 8),
        ),
        response_times(size=(8, 8)),
        lines(
            "Cache hits",
            "Share of each model's predictions that the cache had, or another request was already asking for.",
            (
                rate_share("cache_lookups_total", 'outcome=~"hit|shared"', "", "model"),
                "{{model}}",
            ),
            unit="percentunit",
            top=1,
            click=[SERIES_MODEL],
            size=(8, 8),
            empty=UNASKED,
        ),
        lines(
            "Instances not ready",
            "Instances of each model that the gateways know and may not ask.",
            ('max by (model) (model_instances{state="not_ready"})', "{{model}}"),
            limits=ANY,
            click=[SERIES_MODEL],
            links=[runbook("ModelInstancesNotReady")],
        ),
        lines(
            "Open circuits",
            "Instances that failed so often that they are not asked, or only tried.",
            ('max by (service, state) (upstream_circuits{state!="closed"})', "{{service}} {{state}}"),
            limits=ANY,
            links=[runbook("CircuitOpen")],
        ),
        lines(
            "Retries and hedges",
            "Calls each second that were sent again, or to a second instance.",
            (rate("upstream_retries_total", "service"), "{{service}} retries"),
            (rate("upstream_hedges_total", "service"), "{{service}} hedges"),
            unit="reqps",
            empty="until a call is sent twice",
        ),
    ]


def _audit() -> list[Panel]:
    return [
        number(
            "Writing",
            "Whether any gateway cannot write its audit log.",
            "max(audit_failing)",
            words={"0": ("Well", GREEN), "1": ("Failing", RED)},
            links=[runbook("AuditNotWritten")],
            size=(3, 6),
        ),
        number(
            "Chain intact",
            "Whether the last check found every gateway's log as it was written.",
            "min(audit_chain_intact)",
            words=YES_IS_GOOD,
            size=(3, 6),
            links=[runbook("AuditChainBroken")],
            empty="until the first check",
        ),
        number(
            "Last check",
            "Time since the log that waits longest was checked.",
            "time() - min(audit_chain_checked_timestamp_seconds > 0)",
            unit="s",
            limits=AUDIT_CHECK,
            links=[runbook("AuditCheckStale")],
            size=(3, 6),
            empty="until the first check",
        ),
        number(
            "Events lost",
            "Events that no log holds, in the chosen time.",
            "sum(increase(audit_events_lost_total[$__range]))",
            limits=ANY,
            decimals=0,
            size=(3, 6),
            links=[runbook("AuditEventsLost")],
        ),
        lines(
            "Not on disk yet",
            "Age of the oldest event that is not on disk.",
            ("max by (instance) (audit_lag_seconds)", "{{instance}}"),
            unit="s",
            limits=((5.0, YELLOW), (60.0, RED)),
            links=[runbook("AuditLagging")],
            size=(6, 6),
        ),
        lines(
            "Events pending",
            "Events that wait to be written.",
            ("sum by (instance) (audit_pending_events)", "{{instance}}"),
            size=(6, 6),
        ),
    ]


def _redis() -> list[Panel]:
    return [
        states(
            "Reachable",
            "Whether each gateway reaches Redis.",
            ("min by (instance) (redis_available)", "{{instance}}"),
            words=YES_IS_GOOD,
            limits=((1.0, GREEN),),
            base=RED,
            links=[runbook("RedisUnreachable")],
        ),
        lines(
            "Latency",
            "How long Redis takes to answer each gateway.",
            ("max by (instance) (redis_latency_seconds)", "{{instance}}"),
            unit="s",
            limits=((0.05, YELLOW), (0.25, RED)),
        ),
        states(
            "Limits counted locally",
            "When a gateway counted its rate limits for itself, because Redis was away.",
            ("1 - min by (instance) (rate_limits_shared)", "{{instance}}"),
            words=YES_IS_BAD,
            limits=((1.0, RED),),
        ),
    ]
