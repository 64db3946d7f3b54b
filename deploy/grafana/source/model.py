"""One model: what it is asked, how fast and how surely it answers, and which stage or instance is slow."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from deploy.grafana.source.across import CAPACITY
from deploy.grafana.source.frame import SOURCE, Panel, runbook
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import bars, heat, lines, number, stacked, states
from deploy.grafana.source.promql import FAILED, abstained, buckets, mean, quantile, rate, rate_share
from deploy.grafana.source.scales import (
    ABSTENTIONS,
    ANY,
    AVAILABLE,
    DRIFT,
    FAILURES,
    GREEN,
    MEMORY_PERCENT,
    RED,
    SECONDS,
    UNASKED,
    USE,
    YELLOW,
)
from deploy.grafana.source.tables import Column, Key, table_of

M = 'model=~"$model"'
S = 'service=~"$service"'
PICTURES = "unless the model reads pictures, and until it has been asked"


def page() -> Page:
    return Page(
        "model",
        "One model",
        "What one model is asked, how fast and how surely it answers, and which stage or instance is slow.",
        [
            ("Now", _now()),
            ("Requests, as the gateways see them", _requests()),
            ("Stages, as the instances see them", _stages()),
            ("Between gateway and instances", _between()),
            ("Answers", _answers()),
            ("Drift and feedback", _drift()),
            ("Instances", _instances()),
        ],
        variables=[
            _variable("model", "Model", "label_values(model_availability, model)", "tumor"),
            _variable("service", "Service", f"label_values(inference_model_info{{{M}}}, service)", "tumor").hide(
                VariableHide.HIDE_VARIABLE
            ),
        ],
    )


def _variable(name: str, label: str, query: str, first: str) -> QueryVariable:
    variable = QueryVariable(name).label(label).query(query).datasource(SOURCE).sort(VariableSort.ALPHABETICAL_ASC)
    variable.current(VariableOption(selected=True, text=first, value=first)).multi(False).include_all(False)
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)


def _now() -> list[Panel]:
    return [
        number(
            "State",
            "Whether every gateway can ask an instance of the model.",
            f"min(model_availability{{{M}}})",
            words=AVAILABLE,
            size=(3, 4),
            links=[runbook("ModelUnavailable")],
        ),
        number(
            "Instances ready",
            "Instances that the gateways may ask.",
            f'min(model_instances{{{M},state="ready"}})',
            base=RED,
            limits=((1.0, GREEN),),
            size=(3, 4),
        ),
        number(
            "Requests",
            "Asked each second.",
            rate(f"model_requests_total{{{M}}}"),
            unit="reqps",
            decimals=2,
            size=(3, 4),
            empty=UNASKED,
        ),
        number(
            "Failed",
            "Share of the requests that failed by the system's fault.",
            rate_share("model_requests_total", FAILED, M),
            unit="percentunit",
            decimals=2,
            limits=FAILURES,
            size=(3, 4),
            empty=UNASKED,
        ),
        number(
            "Response time, p95",
            "95 % of the requests are answered within this time.",
            quantile(0.95, f"model_request_duration_seconds{{{M}}}"),
            unit="s",
            limits=SECONDS,
            size=(3, 4),
            links=[runbook("HighResponseTime")],
            empty=UNASKED,
        ),
        number(
            "Abstained",
            "Share of the answers in which the model would not decide.",
            abstained(rate, model=M),
            unit="percentunit",
            decimals=1,
            limits=ABSTENTIONS,
            size=(3, 4),
            empty="until the model has been asked, and of the chatbot, which does not abstain",
        ),
        table_of(
            "Versions",
            "What the instances serve, and how many do.",
            [Key("version", "Version"), Key("role", "Role")],
            [Column("Instances", f"count by (version, role) (inference_model_info{{{M}}})")],
            size=(6, 4),
        ),
    ]


def _requests() -> list[Panel]:
    duration = f"model_request_duration_seconds{{{M}}}"
    return [
        stacked(
            "Requests by outcome",
            "Asked each second, by the kind of answer or the error's code.",
            (rate(f"model_requests_total{{{M}}}", "outcome"), "{{outcome}}"),
            unit="reqps",
            empty=UNASKED,
        ),
        lines(
            "Response time",
            "Half, 95 % and 99 % of the requests are answered within these times; points have traces.",
            *((quantile(q, duration), f"p{q * 100:g}") for q in (0.5, 0.95, 0.99)),
            exemplars=True,
            unit="s",
            limits=SECONDS,
            empty=UNASKED,
        ),
        heat(
            "Response times",
            "How many requests took how long; points are requests with their traces.",
            buckets(duration),
            unit="s",
            empty=UNASKED,
        ),
    ]


def _stages() -> list[Panel]:
    stage = f"inference_stage_duration_seconds{{{M}}}"
    return [
        lines(
            "Time of each stage, p95",
            "How long requests wait at the gateway, for a worker, are decoded, computed; the highest is the cause.",
            (quantile(0.95, stage, "stage"), "{{stage}}"),
            (quantile(0.95, f"model_request_queue_seconds{{{M}}}"), "gateway's queue"),
            exemplars=True,
            unit="s",
            empty=UNASKED,
        ),
        lines(
            "Inference by instance, p95",
            "Whether one instance is slower than its neighbours.",
            (quantile(0.95, f'inference_stage_duration_seconds{{{M},stage="total"}}', "instance"), "{{instance}}"),
            exemplars=True,
            unit="s",
            empty=UNASKED,
        ),
        lines(
            "Queue and workers",
            "Requests that wait for a worker, workers that compute, and how many there are.",
            (f"sum(inference_queue_length{{{S}}})", "waiting"),
            (f"sum(inference_workers_busy{{{S}}})", "busy"),
            (f"sum(inference_workers{{{S}}})", "workers"),
            click=[CAPACITY],
        ),
        lines(
            "Batch size",
            "Samples that a worker takes at once, on average.",
            (mean(f"inference_batch_size{{{M}}}"), "samples"),
            size=(12, 6),
            empty=UNASKED,
        ),
        stacked(
            "Outcomes at the instances",
            "What the instances made of the requests that reached them; abandoned: the gateway did not wait.",
            (rate(f"inference_requests_total{{{M}}}", "outcome"), "{{outcome}}"),
            unit="reqps",
            size=(12, 6),
            empty=UNASKED,
        ),
    ]


def _between() -> list[Panel]:
    return [
        lines(
            "In hand at the gateways",
            "Requests that the gateways have sent on, and those that wait for a place.",
            (f"sum(model_requests_in_flight{{{M}}})", "in flight"),
            (f"sum(model_requests_waiting{{{M}}})", "waiting"),
            size=(6, 7),
        ),
        lines(
            "Cache",
            "Predictions each second by what the gateway's cache had.",
            (rate(f"cache_lookups_total{{{M}}}", "outcome"), "{{outcome}}"),
            unit="reqps",
            size=(6, 7),
            empty=UNASKED,
        ),
        lines(
            "Retries and hedges",
            "Calls each second that were sent again, or to a second instance.",
            (rate(f"upstream_retries_total{{{S}}}"), "retries"),
            (rate(f"upstream_hedges_total{{{S}}}"), "hedges"),
            unit="reqps",
            size=(6, 7),
            empty="until a call is sent twice",
        ),
        lines(
            "Circuits",
            "Instances by the state of their circuit; an open one is not asked.",
            (f"max by (state) (upstream_circuits{{{S}}})", "{{state}}"),
            size=(6, 7),
        ),
    ]


def _answers() -> list[Panel]:
    return [
        heat(
            "Confidence",
            "How many answers were how sure.",
            buckets(f"inference_confidence{{{M}}}"),
            unit="percentunit",
            size=(6, 8),
            empty=PICTURES,
        ),
        heat(
            "Out of distribution",
            "How far the pictures were from those that the model knows: 0 known, 1 foreign.",
            buckets(f"inference_ood_score{{{M}}}"),
            size=(6, 8),
            empty=PICTURES,
        ),
        bars(
            "Classes",
            "Share of each class in the predictions of the chosen time.",
            (
                f"sort_desc(sum by (label) (increase(inference_predicted_total{{{M}}}[$__range]))"
                f" / scalar(sum(increase(inference_predicted_total{{{M}}}[$__range])) > 0))",
                "{{label}}",
            ),
            unit="percentunit",
            top=1,
            base="blue",
            size=(6, 8),
            empty=PICTURES,
        ),
        stacked(
            "Abstentions by reason",
            "Answers each second in which the model would not decide.",
            (rate(f"model_abstentions_total{{{M}}}", "reason"), "{{reason}}"),
            unit="reqps",
            size=(6, 8),
            links=[runbook("AbstentionSurge")],
            empty="until the model abstains",
        ),
    ]


def _drift() -> list[Panel]:
    return [
        lines(
            "Drift",
            "Population stability index of what the model gets and says, beside what it was trained on.",
            (f"max by (version, trait) (inference_drift_psi{{{M}}})", "{{trait}} {{version}}"),
            limits=DRIFT,
            links=[runbook("ModelDrift")],
            decimals=2,
            empty="until the model has seen 100 inputs",
        ),
        stacked(
            "Feedback",
            "What people said of the answers, a minute.",
            (f"60 * {rate(f'feedback_total{{{M}}}', 'verdict')}", "{{verdict}}"),
            empty="until someone gives feedback",
        ),
        lines(
            "Beside the candidate",
            "Answers each second in which the model and its candidate were compared, by what came of it.",
            (rate(f"inference_comparisons_total{{{M}}}", "outcome"), "{{outcome}}"),
            unit="reqps",
            empty="until a candidate is compared",
        ),
    ]


def _instances() -> list[Panel]:
    limit = f"sum by (instance) (cpu_limit_cores{{{S}}})"
    return [
        states(
            "Ready",
            "When each instance had a model loaded that may answer.",
            (f"min by (instance) (inference_ready{{{S}}})", "{{instance}}"),
            words={"0": ("Not ready", YELLOW), "1": ("Ready", GREEN)},
            limits=((1.0, GREEN),),
            base=YELLOW,
            size=(6, 7),
        ),
        lines(
            "CPU of the limit",
            "The CPU time that each instance uses, of what its container may.",
            (f"{rate(f'process_cpu_seconds_total{{{S}}}', 'instance')} / {limit}", "{{instance}}"),
            unit="percentunit",
            limits=USE,
            click=[CAPACITY],
            size=(6, 7),
        ),
        lines(
            "Memory of the limit",
            "The memory that each instance uses, of what its container may.",
            (f"max by (instance) (memory_usage_percent{{{S}}})", "{{instance}}"),
            unit="percent",
            limits=MEMORY_PERCENT,
            click=[CAPACITY],
            size=(6, 7),
            links=[runbook("HighMemoryUsage")],
        ),
        lines(
            "Failed loads",
            "How often an instance could not load a model, or loaded another than was asked for, in the chosen time.",
            (f"sum by (instance) (increase(inference_load_failures_total{{{M}}}[$__range]))", "{{instance}}"),
            decimals=0,
            limits=ANY,
            links=[runbook("ModelLoadFailed")],
            size=(6, 7),
        ),
    ]
