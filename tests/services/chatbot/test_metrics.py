"""What the chatbot tells Prometheus: nothing of what was said."""

from __future__ import annotations

from typing import get_args

import httpx
import pytest

from shared.contract import ChatKind
from shared.version import VERSION
from tests.conftest import REPOSITORY
from tests.support.expositions import Series, documented, families, labels_of, series
from tests.support.requests import metric

PAGE = REPOSITORY / "docs" / "metrics-services.md"
PICTURES_ONLY = {
    "inference_ood_score",
    "inference_predicted_total",
    "inference_abstentions_total",
    "inference_drift_psi",
    "inference_comparisons_total",
    "inference_comparison_distance",
}
MESSAGES = {
    "answer": "What are the symptoms of migraine?",
    "smalltalk": "hello",
    "emergency": "I have crushing chest pain and cannot breathe",
}


async def test_messages_by_kind_and_version(chatbot: httpx.AsyncClient) -> None:
    for kind, text in MESSAGES.items():
        answer = (await chatbot.post("/chat", json={"message": text})).json()
        assert answer["kind"] == kind
        labels = f'model="chatbot",outcome="{kind}",version="{answer["model_version"]}"'
        assert await metric(chatbot, "", f"inference_requests_total{{{labels}}}") == 1
    await chatbot.post("/chat", json={"message": " "})
    refused = 'inference_requests_total{model="chatbot",outcome="validation_error",version=""}'
    assert await metric(chatbot, "", refused) == 1


async def test_times_batches_and_confidence(chatbot: httpx.AsyncClient) -> None:
    answers = [(await chatbot.post("/chat", json={"message": text})).json() for text in MESSAGES.values()]
    for stage in ("queue", "total"):
        line = f'inference_stage_duration_seconds_count{{model="chatbot",stage="{stage}"}}'
        assert await metric(chatbot, "", line) == 3
    assert await metric(chatbot, "", 'inference_batch_size_sum{model="chatbot"}') == 3
    # of the answer alone: no topic was looked for in the others
    of_version = f'{{model="chatbot",version="{answers[0]["model_version"]}"}}'
    assert await metric(chatbot, "", f"inference_confidence_count{of_version}") == 1
    assert await metric(chatbot, "", f"inference_confidence_sum{of_version}") == pytest.approx(answers[0]["confidence"])


async def test_which_chatbot_it_is(chatbot: httpx.AsyncClient) -> None:
    seen = (await chatbot.get("/health/ready")).json()
    info = f'digest="{seen["digest"][:12]}",model="chatbot",role="active",version="{seen["version"]}"'
    assert await metric(chatbot, "", f"inference_model_info{{{info}}}") == 1
    assert await metric(chatbot, "", f'doctorai_build_info{{component="chatbot",version="{VERSION}"}}') == 1


async def test_the_page_has_every_metric_of_the_chatbot(chatbot: httpx.AsyncClient) -> None:
    await chatbot.post("/chat", json={"message": MESSAGES["answer"]})
    text, told = (await chatbot.get("/metrics")).text, documented(PAGE, "Every process", "Services")
    assert families(text) | {name for name in told if name.startswith("gpu_")} == set(told) - PICTURES_ONLY
    assert all(labels == told[name] for name, labels in labels_of(text).items() if name in told)


async def test_no_message_makes_a_new_series(chatbot: httpx.AsyncClient) -> None:
    for text in (*MESSAGES.values(), " "):
        await chatbot.post("/chat", json={"message": text})
    before = without_outcomes((await chatbot.get("/metrics")).text)
    for at in range(100):
        word = f"p4tient{at}"
        headers = {"X-Request-ID": f"{word}-0001", "User-Agent": word}
        message = {"message": f"hello {word}", "session_id": f"session-{word}", "language": ("en", "ar", word)[at % 3]}
        await chatbot.post("/chat", json=message, headers=headers)
        await chatbot.delete(f"/chat/session-{word}", headers=headers)
        await chatbot.get(f"/v2/models/{word}", headers=headers)
    text = (await chatbot.get("/metrics")).text
    assert without_outcomes(text) == before
    assert outcomes(text) <= {*get_args(ChatKind), "validation_error"}
    assert "p4tient" not in text


def without_outcomes(text: str) -> set[Series]:
    """What a message asked first may still add is its kind."""
    return {(name, frozenset(one for one in labels if one[0] != "outcome")) for name, labels in series(text)}


def outcomes(text: str) -> set[str]:
    return {value for _, labels in series(text) for name, value in labels if name == "outcome"}
