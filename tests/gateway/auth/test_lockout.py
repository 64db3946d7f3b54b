"""What slows down whoever guesses passwords."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from tests.support.accounts import ADMIN_PASSWORD, PASSWORD, add_user, gateway, headers, refresh, token
from tests.support.processes import RedisServer, eventually


async def until_paused(api: httpx.AsyncClient, username: str = "admin") -> tuple[int, httpx.Response]:
    """How many failures it took, and the refusal."""
    for failures in range(20):
        answer = await token(api, username, "a wrong guess")
        if answer.status_code == 429:
            return failures, answer
        assert answer.status_code == 401
    raise AssertionError("never paused")


async def let_the_pause_pass(redis_server: RedisServer) -> list[int]:
    """Ends every pause; the seconds that each had left."""
    async with Redis.from_url(redis_server.url) as redis:
        found = await redis.keys("doctorai:failures:*:pause")
        left = [await redis.ttl(key) for key in found]
        if found:
            await redis.delete(*found)
    return left


@pytest.mark.parametrize("username", ["admin", "nobody", "\0"], ids=ascii)
async def test_five_failures_bring_a_pause_whoever_it_is(api: httpx.AsyncClient, username: str) -> None:
    failures, answer = await until_paused(api, username)
    assert 5 <= failures <= 7  # a pause of a second may be over before the next guess
    assert answer.json()["code"] == "RATE_LIMITED"
    assert 1 <= int(answer.headers["retry-after"]) <= 4
    assert "failed sign-ins" in answer.json()["detail"]


async def test_a_pause_is_for_the_right_password_too(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    while (await token(api)).status_code == 200:  # nothing of it is forgotten by a slow machine
        await until_paused(api)
    assert (await token(api, "ADMIN ")).status_code in (200, 429)
    await let_the_pause_pass(redis_server)
    assert (await token(api)).status_code == 200


async def test_each_further_failure_doubles_it(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    await until_paused(api)
    lengths: list[int] = []
    for _ in range(12):
        await let_the_pause_pass(redis_server)
        assert (await token(api, "admin", "a wrong guess")).status_code == 401
        async with Redis.from_url(redis_server.url) as redis:
            lengths += [await redis.pttl(key) for key in await redis.keys("doctorai:failures:*:pause")]
    for shorter, longer in pairwise(lengths):
        assert longer > min(1.5 * shorter, 600_000)
    assert 600_000 < lengths[-1] <= 900_000


async def test_a_success_forgets(api: httpx.AsyncClient) -> None:
    for _ in range(3):
        for _ in range(4):
            assert (await token(api, "admin", "a wrong guess")).status_code == 401
        assert (await token(api)).status_code == 200


async def test_another_name_and_another_address_are_not_kept_out(
    redis_server: RedisServer, tmp_path: Path, quick_hashes: None
) -> None:
    async with (
        gateway(redis_server.url, tmp_path / "a") as api,
        gateway(redis_server.url, tmp_path / "b", client_host="10.0.0.9") as elsewhere,
    ):
        await add_user(api, await headers(api), "somebody")
        await until_paused(api)
        assert (await token(api, "somebody", PASSWORD)).status_code == 200
        assert (await token(elsewhere)).status_code == 200
        # nor did that success forget what the guesser did
        failures, _ = await until_paused(api)
        assert failures <= 2


async def test_gateways_count_together(redis_server: RedisServer, tmp_path: Path, quick_hashes: None) -> None:
    async with gateway(redis_server.url, tmp_path / "a") as one, gateway(redis_server.url, tmp_path / "b") as two:
        for _ in range(4):
            await token(one, "admin", "a wrong guess")
        failures, _ = await until_paused(two)
        assert failures <= 3


async def test_a_guesser_with_many_addresses_is_slowed(redis_server: RedisServer, tmp_path: Path) -> None:
    """And the owner not kept out for long: that pause, too, begins with a second."""
    async with gateway(redis_server.url, tmp_path / "a") as api:
        await token(api, "admin", "a wrong guess")
        async with Redis.from_url(redis_server.url) as redis:
            for key in await redis.keys("doctorai:failures:*"):
                await redis.set(key, 60)
        async with gateway(redis_server.url, tmp_path / "b", client_host="10.0.0.9") as elsewhere:
            await token(elsewhere, "admin", "a wrong guess")
            assert (await token(elsewhere)).status_code == 429
        await let_the_pause_pass(redis_server)
        assert (await token(api)).status_code == 200


async def test_guesses_beside_each_other_count_as_well(redis_server: RedisServer, tmp_path: Path) -> None:
    """With hashes as slow as they are: few are verified at once, so few get in before the pause."""
    async with gateway(redis_server.url, tmp_path) as api:
        answers = await asyncio.gather(*(token(api, "admin", f"guess {number}") for number in range(20)))
    codes = [answer.status_code for answer in answers]
    assert {429} <= set(codes) <= {401, 429, 503}  # 503: a machine that is busy turns guesses away
    assert codes.count(401) < 12


async def test_a_disabled_account_counts_like_a_wrong_password(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "away")
    await api.patch(f"/api/users/{user['id']}", json={"disabled": True}, headers=admin)
    codes = [(await token(api, "away", PASSWORD)).status_code for _ in range(8)]
    assert codes[:5] == [401] * 5
    assert 429 in codes[5:]


async def test_guesses_at_the_own_password_are_slowed_too(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Whoever finds a browser open must not find out its owner's password."""
    body = {"current": "a wrong guess", "new": "an altogether new one"}
    codes = [(await api.put("/api/me/password", json=body, headers=admin)).status_code for _ in range(8)]
    assert codes[:5] == [401] * 5
    assert 429 in codes[5:]


async def test_the_counter_names_nobody(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    await until_paused(api, "a.patient")
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        found = await redis.keys("*")
        assert not [key for key in found if "patient" in key or ("127.0.0.1" in key and "failures" in key)]
        assert all([await redis.ttl(key) > 0 for key in found if "failures" in key])


async def test_an_address_has_so_many_tries(redis_server: RedisServer, tmp_path: Path, quick_hashes: None) -> None:
    async with gateway(redis_server.url, tmp_path, rate_limit_sign_in="6/minute") as api:
        shown = await headers(api)
        change = {"current": ADMIN_PASSWORD, "new": ADMIN_PASSWORD + "!"}
        assert [(await token(api, f"name{number}", "x")).status_code for number in range(3)] == [401] * 3
        assert (await refresh(api, "x")).status_code == 401
        assert (await api.put("/api/me/password", json=change, headers=shown)).status_code == 204
        for answer in (await token(api), await refresh(api, "x")):
            assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
            assert {"retry-after", "ratelimit-limit", "ratelimit-remaining"} <= answer.headers.keys()


async def test_without_redis_nobody_guesses(api: httpx.AsyncClient, redis_server: RedisServer) -> None:
    redis_server.stop()
    assert [(await token(api, "admin", "x")).status_code for _ in range(8)] == [503] * 8
    assert (await token(api)).json()["code"] == "SIGN_IN_UNAVAILABLE"
    redis_server.start()

    async def signed_in() -> bool:
        return (await token(api)).status_code == 200

    await eventually(signed_in, 20)  # hashing a password takes its time on a busy machine
