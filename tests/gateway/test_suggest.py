"""Which model a picture is for: all gates are asked at once, and who does not answer is named."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest
from limits import RateLimitItem

from gateway import suggestions
from gateway.admission.rates import Kind
from gateway.auth.api_keys import new_key
from shared.contract import Suggestions
from shared.errors import RateLimited
from tests.gateway.faked import Faked, problem
from tests.support.instances import instance
from tests.support.people import signed_in
from tests.support.pictures import jpeg, png

HOSTS = {"tumor": "tumor", "xray": "xray", "palm_disease": "palm"}


@pytest.fixture
def several(fake: Faked, monkeypatch: pytest.MonkeyPatch) -> Faked:
    """Three models; what each answers to ``/ood-score`` is its host's."""
    for model, service in HOSTS.items():
        fake.state.monitor.fleet.add(instance(f"{service}-1", service=service, model=model))
    monkeypatch.setattr(fake.state.monitor, "_known", {**{s: m for m, s in HOSTS.items()}, "chatbot": "chatbot"})
    for model, score in (("tumor", 0.97), ("xray", 0.03), ("palm_disease", 0.41)):
        says(fake, model, score)
    return fake


def says(fake: Faked, model: str, score: float | None, plausible: bool | None = None) -> None:
    told = score is not None and score < 0.5 if plausible is None else plausible
    body = {"model": model, "model_version": "1.0.0", "ood_score": score, "plausible": told}
    fake.by_host[f"{HOSTS[model]}-1"] = httpx.Response(200, json=body)


def with_key(fake: Faked, *models: str) -> dict[str, str]:
    """Headers of a key that is for ``models`` alone."""
    record, key = new_key("a machine", "clinician", "a" * 32, models=list(models), lifetime=None)
    fake.state.authenticator.know(record)
    return {"Authorization": f"Bearer {key}"}


async def ask(fake: Faked, picture: bytes | None = None, **headers: str) -> httpx.Response:
    files = {"file": ("a.jpg", jpeg() if picture is None else picture)}
    return await fake.api.post("/api/suggest", files=files, headers=headers)


async def suggested(fake: Faked) -> Suggestions:
    answer = await ask(fake)
    assert answer.status_code == 200, answer.text
    return Suggestions.model_validate(answer.json())


async def test_the_best_comes_first(several: Faked) -> None:
    found = await suggested(several)
    told = [(one.model, one.ood_score, one.plausible) for one in found.suggestions]
    assert told == [("xray", 0.03, True), ("palm_disease", 0.41, True), ("tumor", 0.97, False)]
    assert found.unavailable == []


async def test_what_has_no_gate_comes_last(several: Faked) -> None:
    says(several, "xray", None)
    found = await suggested(several)
    assert [one.model for one in found.suggestions] == ["palm_disease", "tumor", "xray"]
    assert (found.suggestions[-1].ood_score, found.suggestions[-1].plausible) == (None, False)


async def test_a_score_that_is_rounded_up_to_the_limit_stays_plausible(several: Faked) -> None:
    says(several, "xray", 0.49999, plausible=True)
    (one,) = [one for one in (await suggested(several)).suggestions if one.model == "xray"]
    assert (one.ood_score, one.plausible) == (0.5, True)


async def test_one_that_is_down_or_broken_is_named(several: Faked) -> None:
    several.by_host["tumor-1"] = problem(503, "MODEL_UNAVAILABLE")
    several.by_host["palm-1"] = httpx.Response(200, json={"model": "palm_disease"})
    found = await suggested(several)
    assert [one.model for one in found.suggestions] == ["xray"]
    assert found.unavailable == ["palm_disease", "tumor"]


async def test_one_that_answers_for_another_model_is_not_believed(several: Faked) -> None:
    several.by_host["tumor-1"] = several.by_host["xray-1"]
    found = await suggested(several)
    assert found.unavailable == ["tumor"]


async def test_a_slow_one_is_not_waited_for_longer_than_a_suggestion_is_worth(
    several: Faked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "_PATIENCE_S", 0.3)
    several.silent.add("tumor-1")
    began = time.monotonic()
    found = await suggested(several)
    assert time.monotonic() - began < 3
    assert [one.model for one in found.suggestions] == ["xray", "palm_disease"]
    assert found.unavailable == ["tumor"]


async def test_a_slow_one_is_no_failed_one(several: Faked, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the real values: what a suggestion waits for is not what a sound instance must keep to."""
    (slow,) = several.state.monitor.fleet.of("tumor")
    failed: list[str] = []
    monkeypatch.setattr(slow.circuit, "failed", lambda: failed.append("tumor"))
    several.silent.add("tumor-1")
    assert (await suggested(several)).unavailable == ["tumor"]
    assert failed == []


async def test_each_model_that_is_asked_counts_towards_the_limit(
    several: Faked, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    hit = several.state.rates.hit

    async def noted(limit: RateLimitItem, kind: Kind, identity: str) -> None:
        counted.append(kind)
        if counted.count("user") > 8:
            raise RateLimited("More than 8.", scope=kind)
        await hit(limit, kind, identity)

    monkeypatch.setattr(several.state.rates, "hit", noted)
    for _ in range(2):
        assert (await ask(several)).status_code == 200
    assert counted.count("user") == 6
    answer = await ask(several)
    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
    assert len(several.asked) == 6


async def test_they_are_asked_at_once(several: Faked) -> None:
    all_asked = asyncio.Barrier(3)

    def after_all(answer: httpx.Response) -> Callable[[], Awaitable[httpx.Response]]:
        async def wait() -> httpx.Response:
            await all_asked.wait()
            return answer

        return wait

    for host, answer in several.by_host.items():
        assert isinstance(answer, httpx.Response)
        several.by_host[host] = after_all(answer)
    async with asyncio.timeout(10):
        assert len((await suggested(several)).suggestions) == 3


async def test_the_callers_deadline_holds(several: Faked) -> None:
    several.silent.update(f"{service}-1" for service in HOSTS.values())
    answer = await ask(several, **{"X-Request-Timeout-Ms": "200"})
    assert (answer.status_code, answer.json()["code"]) == (504, "TIMEOUT")


async def test_when_none_can_be_asked_it_says_so(several: Faked) -> None:
    for service in HOSTS.values():
        several.by_host[f"{service}-1"] = problem(503, "OVERLOADED")
    answer = await ask(several)
    assert (answer.status_code, answer.json()["code"]) == (503, "MODEL_UNAVAILABLE")
    assert answer.headers["retry-after"]


async def test_a_service_that_takes_no_pictures_is_left_out(several: Faked, monkeypatch: pytest.MonkeyPatch) -> None:
    several.state.monitor.fleet.add(instance("heart-1", service="heart", model="heart"))
    monkeypatch.setitem(several.state.monitor._known, "heart", "heart")
    several.by_host["heart-1"] = problem(404, "NOT_FOUND")
    found = await suggested(several)
    assert {one.model for one in found.suggestions} == {"palm_disease", "tumor", "xray"}
    assert ("heart-1", "/ood-score") in several.asked
    assert found.unavailable == []


async def test_an_older_service_of_a_model_of_pictures_is_named(several: Faked) -> None:
    several.by_host["palm-1"] = problem(404, "NOT_FOUND")
    found = await suggested(several)
    assert {one.model for one in found.suggestions} == {"tumor", "xray"}
    assert found.unavailable == ["palm_disease"]


async def test_one_with_as_much_in_hand_as_it_may_is_named(several: Faked) -> None:
    places = several.state.predictions.places("tumor")
    held = [places.take() for _ in range(places.size)]
    for one in held:
        await one.__aenter__()
    places._queue = 0
    assert (await suggested(several)).unavailable == ["tumor"]
    for one in held:
        await one.__aexit__(None, None, None)
    assert (await suggested(several)).unavailable == []


@pytest.mark.parametrize(
    ("picture", "status", "code"),
    [
        (b"hello", 400, "INVALID_IMAGE"),
        (b"", 400, "INVALID_IMAGE"),
        (b"GIF89a" + bytes(40), 415, "UNSUPPORTED_FORMAT"),
        (png().ljust(10 * 1024 * 1024 + 1, b"\0"), 413, "PAYLOAD_TOO_LARGE"),
        (png().ljust(11 * 1024 * 1024, b"\0"), 413, "PAYLOAD_TOO_LARGE"),
    ],
    ids=["text", "empty", "gif", "too large a file", "too large a body"],
)
async def test_what_is_refused_at_the_door(several: Faked, picture: bytes, status: int, code: str) -> None:
    answer = await ask(several, picture)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert several.asked == []


async def test_a_picture_as_large_as_may_be_is_taken(several: Faked) -> None:
    assert (await ask(several, png().ljust(10 * 1024 * 1024, b"\0"))).status_code == 200


async def test_what_a_service_finds_in_the_picture_is_the_answer(several: Faked) -> None:
    several.by_host["tumor-1"] = problem(400, "INVALID_IMAGE")
    answer = await ask(several)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_IMAGE")


async def test_a_viewer_may_not(several: Faked) -> None:
    answer = await ask(several, **signed_in("viewer"))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert several.asked == []


async def test_a_key_for_some_models_gets_those(several: Faked) -> None:
    found = (await ask(several, **with_key(several, "xray", "chatbot"))).json()
    assert [one["model"] for one in found["suggestions"]] == ["xray"]
    refused = await ask(several, **with_key(several, "chatbot"))
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")


async def test_it_is_audited_and_counted_as_no_prediction(several: Faked) -> None:
    await suggested(several)
    await ask(several, b"hello")
    lines = await several.audited()
    assert [(one["action"], one["outcome"]) for one in lines[-2:]] == [("suggest", "ok"), ("suggest", "INVALID_IMAGE")]
    assert lines[-2]["input"]
    assert not {"model", "decision", "result", "confidence"} & {name for name, value in lines[-2].items() if value}
    assert await several.counted("model_requests_total") == {}
    assert await several.counted("cache_lookups_total") == {}
    assert await several.value('http_requests_total{method="POST",route="/api/suggest",status="200"}') == 1
