"""Every refusal is counted once, with its reason and what it is about."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from gateway.admission.places import Places
from gateway.metrics import REFUSALS
from gateway.routing.upstream import Upstream
from gateway.settings import GatewaySettings
from tests.gateway.faked import Faked, faked, problem
from tests.support.accounts import PASSWORD, add_key, add_user, gateway, headers, pair, refresh, token
from tests.support.people import signed_in
from tests.support.pictures import jpeg
from tests.support.processes import RedisServer
from tests.support.requests import metric

Ask = Callable[[Faked], Awaitable[httpx.Response]]


async def refusals(api: httpx.AsyncClient) -> dict[tuple[str, str], float]:
    """Those that were counted: reason and scope → how many."""
    text = (await api.get("/metrics")).text
    found = re.findall(r'^requests_refused_total{reason="(\w+)",scope="(\w+)"} (\S+)$', text, re.MULTILINE)
    return {(reason, scope): float(count) for reason, scope, count in found if float(count)}


async def test_all_of_them_are_there_from_the_start(fake: Faked) -> None:
    for reason, scopes in REFUSALS.items():
        for scope in scopes:
            assert f'requests_refused_total{{reason="{reason}",scope="{scope}"}} 0.0' in await fake.text()


async def get_me(fake: Faked) -> httpx.Response:
    return await fake.api.get("/api/me")


async def by_nobody(fake: Faked) -> httpx.Response:
    del fake.api.headers["Authorization"]
    return await fake.api.get("/api/me")


async def with_nonsense(fake: Faked) -> httpx.Response:
    return await fake.api.get("/api/me", headers={"Authorization": "Bearer nonsense"})


async def with_two_at_once(fake: Faked) -> httpx.Response:
    return await fake.api.get("/api/me", headers={"X-API-Key": "nonsense"})


async def by_a_viewer(fake: Faked) -> httpx.Response:
    return await fake.predict(**signed_in("viewer"))


async def with_a_lost_key(fake: Faked) -> httpx.Response:
    return await fake.api.get("/api/me", headers={"Authorization": f"Bearer dai_{'0' * 32}_{'x' * 43}"})


async def from_a_full_service(fake: Faked) -> httpx.Response:
    fake.answers["/predict"] = problem(503, "OVERLOADED")
    return await fake.predict()


async def of_a_list_for_admins(fake: Faked) -> httpx.Response:
    return await fake.api.get("/api/users")


@pytest.mark.parametrize(
    ("ask", "reason", "scope"),
    [
        (by_nobody, "unauthorized", "none"),
        (with_nonsense, "unauthorized", "credential"),
        (with_two_at_once, "unauthorized", "credential"),
        (by_a_viewer, "forbidden", "role"),
        (of_a_list_for_admins, "forbidden", "role"),
        (with_a_lost_key, "sign_in_unavailable", "redis"),
        (from_a_full_service, "overloaded", "model"),
    ],
)
async def test_each_is_counted_once(fake: Faked, ask: Ask, reason: str, scope: str) -> None:
    assert (await ask(fake)).json()["code"] == reason.upper()
    assert await refusals(fake.api) == {(reason, scope): 1}


async def test_no_other_error_is_a_refusal(fake: Faked) -> None:
    await fake.api.get("/nowhere")
    await fake.predict("/api/predict/heart")
    await fake.predict("/api/predict/palm")
    assert await refusals(fake.api) == {}


@pytest.mark.parametrize(("setting", "scope"), [("rate_limit_user", "user"), ("rate_limit_ip", "address")])
async def test_limits_on_rates(alone: GatewaySettings, setting: str, scope: str) -> None:
    async with faked(alone.model_copy(update={setting: "1/minute"})) as fake:
        await get_me(fake)
        assert (await get_me(fake)).status_code == 429
        assert await refusals(fake.api) == {("rate_limited", scope): 1}
        assert await fake.value("rate_limits_shared") == 0


@pytest.mark.parametrize(
    ("changes", "status", "refusal"),
    [
        ({"max_concurrent_requests": 1}, 429, ("rate_limited", "caller")),
        ({"max_concurrent_per_model": 1, "max_queue_per_model": 0}, 503, ("overloaded", "model")),
    ],
)
async def test_too_much_in_hand(
    alone: GatewaySettings,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, int],
    status: int,
    refusal: tuple[str, str],
) -> None:
    async with faked(alone.model_copy(update=changes)) as fake, Held(fake, monkeypatch):
        answer = await fake.predict()
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, "1")
        assert await refusals(fake.api) == {refusal: 1}
        assert await fake.value('model_requests_in_flight{model="xray"}') == 1


async def test_the_gateway_as_a_whole(alone: GatewaySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with faked(alone.model_copy(update={"max_concurrent_requests": 1})) as fake, Held(fake, monkeypatch):
        assert (await fake.predict(**signed_in(identifier="c" * 32))).status_code == 503
        assert await refusals(fake.api) == {("overloaded", "gateway"): 1}
        assert await fake.value("callers_active") == 2
        assert await fake.value("http_requests_in_flight") == 2


async def test_who_waits_for_a_place_is_seen(alone: GatewaySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = alone.model_copy(update={"max_concurrent_per_model": 1, "queue_timeout_s": 30.0})
    async with faked(chosen) as fake, Held(fake, monkeypatch):
        waiting = asyncio.create_task(fake.predict())
        places: Places = fake.state.predictions.places("xray")
        async with asyncio.timeout(10):
            while not places.waiting:  # noqa: ASYNC110 - nothing tells when a place is waited for
                await asyncio.sleep(0)
        assert await fake.value('model_requests_waiting{model="xray"}') == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await fake.value('model_requests_waiting{model="xray"}') == 0
        assert await fake.value('model_request_queue_seconds_count{model="xray"}') == 1, "the one that got a place"


class Held:
    """One prediction is in hand, until the block ends."""

    def __init__(self, fake: Faked, monkeypatch: pytest.MonkeyPatch) -> None:
        self._fake = fake
        self._begun = asyncio.Event()
        monkeypatch.setattr(Upstream, "predict", self._predict)

    async def _predict(self, *_: object) -> None:
        self._begun.set()
        await asyncio.Event().wait()

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._fake.predict())
        await self._begun.wait()

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_sign_ins(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path) as api:
        assert (await token(api, password="wrong")).status_code == 401
        first = await pair(api)
        assert (await refresh(api, first["refresh_token"])).status_code == 200
        assert (await refresh(api, first["refresh_token"])).status_code == 401
        assert await refusals(api) == {("unauthorized", "password"): 1, ("unauthorized", "refresh"): 1}
        tried = 1
        while (await token(api, "nobody", "wrong")).status_code == 401:
            tried += 1
            assert tried < 12, "the pause does not come"
        assert (await refusals(api))["unauthorized", "password"] == tried
        assert (await refusals(api))["rate_limited", "lockout"] == 1
        for outcome, count in (("ok", 1), ("unauthorized", tried), ("rate_limited", 1)):
            assert await metric(api, "", f'sign_ins_total{{outcome="{outcome}"}}') == count


async def test_too_many_sign_ins_of_one_address(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path, rate_limit_sign_in="1/minute") as api:
        assert [(await token(api)).status_code for _ in range(2)] == [200, 429]
        assert await refusals(api) == {("rate_limited", "sign_in"): 1}
        assert await metric(api, "", 'sign_ins_total{outcome="rate_limited"}') == 1
        assert await metric(api, "", "rate_limits_shared") == 1


async def test_a_key_for_another_model_and_one_that_cannot_sign_out(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path) as api:
        admin = await headers(api)
        await add_user(api, admin, "dr.amal", password=PASSWORD)
        key = {"X-API-Key": (await add_key(api, admin, models=["tumor"]))["key"]}
        asked = await api.post("/api/predict/xray", files={"file": ("a.jpg", jpeg())}, headers=key)
        assert asked.status_code == 403
        assert (await api.post("/api/logout", headers=key)).status_code == 403
        assert await refusals(api) == {("forbidden", "model"): 1, ("forbidden", "credential"): 1}
        assert await metric(api, "", "callers_active") == 2
