"""Refresh tokens: each is good once, and a second use ends the family."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import httpx
import pytest
from redis.asyncio import Redis

from gateway.auth.store import now
from tests.support.accounts import PASSWORD, add_user, bearer, headers, pair, refresh, status, token
from tests.support.processes import RedisServer, eventually


@pytest.fixture(autouse=True)
def _nothing_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Redis said is asked for again with every request."""
    monkeypatch.setattr("gateway.auth.authenticator.BELIEVED_S", 0.0)


async def test_each_refresh_gives_the_next_pair(api: httpx.AsyncClient) -> None:
    tokens, seen = await pair(api), set()
    for _ in range(4):
        answer = await refresh(api, tokens["refresh_token"])
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        tokens = answer.json()
        seen |= {tokens["refresh_token"], tokens["access_token"]}
        assert await status(api, bearer(tokens["access_token"])) == 200
    assert len(seen) == 8


async def test_a_second_use_ends_the_family(api: httpx.AsyncClient) -> None:
    first = await pair(api)
    second = (await refresh(api, first["refresh_token"])).json()
    assert await status(api, bearer(first["access_token"])) == await status(api, bearer(second["access_token"])) == 200
    answer = await refresh(api, first["refresh_token"])
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert (await refresh(api, second["refresh_token"])).status_code == 401
    assert await status(api, bearer(first["access_token"])) == await status(api, bearer(second["access_token"])) == 401


async def test_another_family_goes_on(api: httpx.AsyncClient) -> None:
    stolen, other = await pair(api), await pair(api)
    for _ in range(2):
        await refresh(api, stolen["refresh_token"])
    assert await status(api, bearer(stolen["access_token"])) == 401
    assert await status(api, bearer(other["access_token"])) == 200
    assert (await refresh(api, other["refresh_token"])).status_code == 200


@pytest.mark.parametrize("count", [2, 8])
async def test_of_several_at_once_one_wins_and_the_family_ends(api: httpx.AsyncClient, count: int) -> None:
    tokens = await pair(api)
    answers = await asyncio.gather(*(refresh(api, tokens["refresh_token"]) for _ in range(count)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {200, 401}
    assert (await refresh(api, won[0].json()["refresh_token"])).status_code == 401
    assert await status(api, bearer(won[0].json()["access_token"])) == 401


async def test_a_family_ends_with_its_time(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    tokens = await pair(api)
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        (key,) = await redis.keys("doctorai:session:*")
        assert 6.9 * 86400 < await redis.ttl(key) <= 7 * 86400
        await redis.pexpire(key, 1)

        async def ended() -> bool:
            return not await redis.exists(key)

        await eventually(ended)
    assert (await refresh(api, tokens["refresh_token"])).status_code == 401
    assert await status(api, bearer(tokens["access_token"])) == 401


async def test_refreshing_goes_on_for_ninety_days_at_most(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    tokens = await pair(api)
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        (key,) = await redis.keys("doctorai:session:*")
        session = json.loads(await redis.get(key))
        await redis.set(key, json.dumps({**session, "created": (now() - timedelta(days=89)).isoformat()}), keepttl=True)
        tokens = (await refresh(api, tokens["refresh_token"])).json()
        assert 0.9 * 86400 < await redis.ttl(key) <= 86400
        session = json.loads(await redis.get(key))
        await redis.set(key, json.dumps({**session, "created": (now() - timedelta(days=91)).isoformat()}), keepttl=True)
        last = await refresh(api, tokens["refresh_token"])
        assert not await redis.exists(key)
    assert last.status_code in (200, 401)
    assert last.status_code == 401 or await status(api, bearer(last.json()["access_token"])) == 401


async def test_a_password_change_ends_all_of_it(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await add_user(api, admin, "somebody")
    one, two = await pair(api, "somebody", PASSWORD), await pair(api, "somebody", PASSWORD)
    body = {"current": PASSWORD, "new": "an altogether new one"}
    changed = await api.put("/api/me/password", json=body, headers=bearer(one["access_token"]))
    assert changed.status_code == 204
    for tokens in (one, two):
        assert await status(api, bearer(tokens["access_token"])) == 401
        assert (await refresh(api, tokens["refresh_token"])).status_code == 401
    assert (await token(api, "somebody", PASSWORD)).status_code == 401
    assert (await token(api, "somebody", body["new"])).status_code == 200
    assert await status(api, admin) == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "an altogether new one"}, None], ids=str)
async def test_what_an_administrator_does_ends_it(
    api: httpx.AsyncClient, admin: dict[str, str], change: dict[str, object] | None
) -> None:
    user = await add_user(api, admin, "somebody")
    tokens = await pair(api, "somebody", PASSWORD)
    path = f"/api/users/{user['id']}"
    await (api.patch(path, json=change, headers=admin) if change else api.delete(path, headers=admin))
    assert await status(api, bearer(tokens["access_token"])) == 401
    for _ in range(2):
        assert (await refresh(api, tokens["refresh_token"])).status_code == 401
    if change == {"disabled": True}:  # what was ended stays ended
        assert (await api.patch(path, json={"disabled": False}, headers=admin)).status_code == 200
        assert (await refresh(api, tokens["refresh_token"])).status_code == 401
        assert await status(api, bearer(tokens["access_token"])) == 401
        assert (await token(api, "somebody", PASSWORD)).status_code == 200


async def test_signing_out_ends_both(api: httpx.AsyncClient) -> None:
    tokens, other = await pair(api), await pair(api)
    shown = bearer(tokens["access_token"])
    assert (await api.post("/api/logout", headers=shown)).status_code == 204
    assert await status(api, shown) == 401
    assert (await api.post("/api/logout", headers=shown)).status_code == 401
    assert (await refresh(api, tokens["refresh_token"])).status_code == 401
    assert await status(api, bearer(other["access_token"])) == 200


async def test_a_forged_one_is_401(api: httpx.AsyncClient) -> None:
    good = (await pair(api))["refresh_token"]
    other = (await pair(api))["refresh_token"]
    _, session, secret = good.split("_", 2)
    forged = [
        "x",
        "dar_",
        "dar__",
        f"dar_{session}",
        f"dar_{session}_",
        f"dar_{'0' * 32}_{secret}",
        f"dar_{session.upper()}A_{secret}",
        f"dai_{session}_{secret}",
        f"dar_{session}_{secret[:-1]}",
        f"dar_{session}_{secret}x",
        f"{good}\0",
        f"{good}\n",
        f" {good}",
        f"dar_*_{secret}",
        f"dar_../{session}_{secret}",
        "é" * 40,
    ]
    for one in forged:
        assert (await refresh(api, one)).status_code == 401, one
    for form in ({}, {"refresh_token": "x" * 513}, {"refresh_token": good, "grant_type": "password"}):
        assert (await api.post("/api/token/refresh", data=form)).status_code == 422
    assert (await api.post("/api/token/refresh", headers=bearer(good))).status_code == 422
    assert await status(api, bearer(good)) == 401
    # none of these was a use of it
    assert (await refresh(api, good)).status_code == 200
    assert (await refresh(api, f"dar_{session}_{other.split('_', 2)[2]}")).status_code == 401


async def test_a_record_that_is_damaged_signs_nobody_in(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    tokens = await pair(api)
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        (key,) = await redis.keys("doctorai:session:*")
        for value in ("", "{", "[]", "null", "{}", '{"id": 1}', "x" * 10000):
            await redis.set(key, value)
            assert (await refresh(api, tokens["refresh_token"])).status_code == 401, value
            assert await status(api, bearer(tokens["access_token"])) == 401, value


async def test_the_account_of_a_token_is_read_anew(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    shown = await headers(api)
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        (key,) = await redis.keys("doctorai:account:*")
        kept = await redis.get(key)
        await redis.set(key, kept.replace('"role":"admin"', '"role":"viewer"'))
        assert (await api.get("/api/users", headers=shown)).status_code == 403
        await redis.set(key, kept.replace('"role":"admin"', '"role":"root"'))
        assert (await api.get("/api/users", headers=shown)).status_code == 401
        await redis.set(key, kept)
        assert (await api.get("/api/users", headers=shown)).status_code == 200
