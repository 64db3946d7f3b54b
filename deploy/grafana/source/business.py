"""Business: how much the system is used, how often it answers, abstains, and is right in its users' eyes."""

from __future__ import annotations

from deploy.grafana.source.across import MODEL, SERIES_MODEL
from deploy.grafana.source.frame import Panel, runbook, to_dashboard
from deploy.grafana.source.page import Page
from deploy.grafana.source.panels import bars, lines, number, stacked
from deploy.grafana.source.promql import ANSWERED, FAILED, abstained, increase, or_zero, share
from deploy.grafana.source.scales import ABSTENTIONS, GREEN, RED, UNASKED, YELLOW
from deploy.grafana.source.tables import Column, Key, table_of

NO_FEEDBACK = "until someone gives feedback"
HOUR = "1h"
REQUESTS = "model_requests_total"
ANSWERS = f"{REQUESTS}{{{ANSWERED}}}"
FAILURES = f"{REQUESTS}{{{FAILED}}}"
AGREED, DISAGREED = 'feedback_total{verdict="agree"}', 'feedback_total{verdict="disagree"}'


def page() -> Page:
    return Page(
        "business",
        "Business",
        "How much the system is used, how often it answers and abstains, and what its users say of the answers.",
        [
            ("In the chosen time", _totals()),
            ("Use", _use()),
            ("Models", [_models(), _classes()]),
            ("Abstentions and feedback", _quality()),
        ],
        time="now-24h",
        refresh="5m",
    )


def _totals() -> list[Panel]:
    return [
        number("Answers", "Requests that a model answered.", increase(ANSWERS), decimals=0, empty=UNASKED),
        number(
            "Success",
            "Share of the requests for an answer that did not fail by the system's fault.",
            f"1 - {share(increase(FAILURES), increase(REQUESTS))}",
            unit="percentunit",
            decimals=2,
            base=RED,
            limits=((0.99, YELLOW), (0.999, GREEN)),
            click=[to_dashboard("SLO", "slo")],
            empty=UNASKED,
        ),
        number(
            "Abstained",
            "Share of the answers in which a model would not decide.",
            abstained(increase),
            unit="percentunit",
            decimals=1,
            limits=ABSTENTIONS,
            empty=UNASKED,
        ),
        number(
            "Active callers",
            "Distinct callers of the last 15 minutes, of the gateway that has the most.",
            "max(callers_active)",
            decimals=0,
        ),
        number("Feedback", "Answers that someone said something of.", or_zero(increase("feedback_total")), decimals=0),
        number(
            "Agreement",
            "Share of the feedback that agrees, of what agrees or disagrees.",
            share(increase(AGREED), increase('feedback_total{verdict=~"agree|disagree"}')),
            unit="percentunit",
            decimals=1,
            base=RED,
            limits=((0.8, YELLOW), (0.95, GREEN)),
            empty=NO_FEEDBACK,
        ),
    ]


def _use() -> list[Panel]:
    return [
        stacked(
            "Answers an hour",
            "Requests that a model answered, by model, over the hour before.",
            (increase(ANSWERS, "model", window=HOUR), "{{model}}"),
            decimals=0,
            click=[SERIES_MODEL],
            size=(12, 8),
            empty=UNASKED,
        ),
        lines(
            "Active callers over time",
            "Distinct callers of the 15 minutes before, of the gateway that has the most.",
            ("max(callers_active)", "callers"),
            size=(6, 8),
        ),
        stacked(
            "Sign-ins an hour",
            "By what came of them, over the hour before.",
            (increase("sign_ins_total", "outcome", window=HOUR), "{{outcome}}"),
            decimals=0,
            size=(6, 8),
            empty="until someone signs in",
        ),
    ]


def _models() -> Panel:
    return table_of(
        "By model",
        "What each model was asked and said in the chosen time.",
        [Key("model", "Model", (MODEL,))],
        [
            Column("Answers", increase(ANSWERS, "model"), decimals=0),
            Column(
                "Failed",
                share(increase(FAILURES, "model"), increase(REQUESTS, "model")),
                "percentunit",
                ((0.001, YELLOW), (0.01, RED)),
                2,
            ),
            Column(
                "Abstained",
                abstained(increase, "model"),
                "percentunit",
                ABSTENTIONS,
                1,
            ),
            Column("Agreed", increase(AGREED, "model"), decimals=0),
            Column("Disagreed", increase(DISAGREED, "model"), decimals=0),
            Column(
                "From the cache",
                share(
                    increase('cache_lookups_total{outcome=~"hit|shared"}', "model"),
                    increase("cache_lookups_total", "model"),
                ),
                "percentunit",
                decimals=0,
            ),
        ],
        size=(14, 9),
        empty=UNASKED,
    )


def _classes() -> Panel:
    return bars(
        "Most frequent predictions",
        "The 12 classes that the models said most in the chosen time.",
        (f"topk(12, {increase('inference_predicted_total', 'model', 'label')})", "{{model}}: {{label}}"),
        decimals=0,
        base="blue",
        size=(10, 9),
        empty="until a model has read a picture",
    )


def _quality() -> list[Panel]:
    return [
        bars(
            "Abstentions",
            "Answers in which a model would not decide, by reason, in the chosen time.",
            (f"sort_desc({increase('model_abstentions_total', 'model', 'reason')})", "{{model}}: {{reason}}"),
            decimals=0,
            base="orange",
            links=[runbook("AbstentionSurge")],
            empty="until a model abstains",
        ),
        bars(
            "Feedback by model",
            "What people said of the answers in the chosen time.",
            (f"sort_desc({increase('feedback_total', 'model', 'verdict')})", "{{model}}: {{verdict}}"),
            decimals=0,
            base="blue",
            empty=NO_FEEDBACK,
        ),
        bars(
            "Kinds of the chatbot's answers",
            "Share of each kind in the chatbot's answers in the chosen time.",
            (f"sort_desc({_chat_shares()})", "{{outcome}}"),
            unit="percentunit",
            top=1,
            base="blue",
            empty="until the chatbot has been asked",
        ),
    ]


def _chat_shares() -> str:
    answers = f'{REQUESTS}{{model="chatbot",{ANSWERED}}}'
    return f"{increase(answers, 'outcome')} / scalar({increase(answers)} > 0)"
