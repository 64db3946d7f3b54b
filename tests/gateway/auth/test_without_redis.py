"""Redis is gone: who is known goes on, who is not has to wait, and nothing opens."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from gateway.auth.store import now
from tests.support.accounts import PASSWORD, add_key, add_user, bearer, gateway, headers, pair, refresh, status, token
from tests.support.processes import RedisServer, eventually


@pytest.fixture
def _nothing_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Redis said is old at once, as after a long time without it."""
    monkeypatch.setattr("gateway.auth.authenticator.BELIEVED_S", 0.0)


@pytest.mark.usefixtures("_nothing_is_fresh")
async def test_a_token_and_a_key_that_were_seen_go_on(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    key = bearer((await add_key(api, admin, models=["xray"]))["key"])
    assert [await status(api, shown) for shown in (admin, key)] == [200, 200]
    redis_server.stop()
    for _ in range(20):
        assert [await status(api, shown) for shown in (admin, key)] == [200, 200]
    assert (await api.get("/api/me", headers=key)).json()["models"] == ["xray"]
    assert (await api.post("/v2/models/tumor/infer", json={}, headers=key)).status_code == 403


@pytest.mark.usefixtures("_nothing_is_fresh")
async def test_a_token_that_was_never_seen_stands_by_its_signature(
    redis_server: RedisServer, tmp_path: Path, quick_hashes: None
) -> None:
    async with gateway(redis_server.url, tmp_path / "a") as one, gateway(redis_server.url, tmp_path / "b") as two:
        shown = await headers(one)
        redis_server.stop()
        assert (await two.get("/api/me", headers=shown)).json()["role"] == "admin"
        assert await status(two, bearer(shown["Authorization"][7:-4] + "AAAA")) == 401


@pytest.mark.usefixtures("_nothing_is_fresh")
async def test_what_was_refused_stays_refused(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    users = {name: await add_user(api, admin, name) for name in ("disabled", "removed")}
    shown = {name: await headers(api, name, PASSWORD) for name in users}
    left, key = await headers(api), await add_key(api, admin)
    seen = [shown["disabled"], shown["removed"], left, bearer(key["key"])]
    assert [await status(api, one) for one in seen] == [200] * 4
    await api.patch(f"/api/users/{users['disabled']['id']}", json={"disabled": True}, headers=admin)
    await api.delete(f"/api/users/{users['removed']['id']}", headers=admin)
    await api.post("/api/logout", headers=left)
    await api.delete(f"/api/keys/{key['id']}", headers=admin)
    redis_server.stop()
    assert [await status(api, one) for one in seen[:3]] == [401] * 3
    assert await status(api, seen[3]) in (401, 503)


async def test_a_key_that_was_never_heard_of_cannot_be_verified(
    api: httpx.AsyncClient, redis_server: RedisServer
) -> None:
    redis_server.stop()
    answer = await api.get("/api/me", headers=bearer(f"dai_{'0' * 32}_{'x' * 43}"))
    assert (answer.status_code, answer.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE")
    assert answer.headers["retry-after"]


async def test_a_wrong_secret_is_wrong_without_redis_too(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    made = await add_key(api, admin)
    redis_server.stop()
    assert await status(api, bearer(made["key"])) == 200
    assert await status(api, bearer(f"dai_{made['id']}_{'A' * 43}")) == 401


@pytest.mark.usefixtures("_nothing_is_fresh")
async def test_a_key_ends_with_its_time_without_redis_too(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = bearer((await add_key(api, admin, expires_in_days=1))["key"])
    assert await status(api, shown) == 200
    redis_server.stop()
    assert await status(api, shown) == 200
    later = now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr("gateway.auth.api_keys.now", lambda: later)
    assert await status(api, shown) == 401


async def test_what_needs_accounts_says_so_and_works_again_by_itself(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    tokens = await pair(api)
    redis_server.shut_down()
    body = {"username": "somebody", "password": PASSWORD}
    change = {"current": PASSWORD, "new": "an altogether new one"}
    for answer in (
        await token(api),
        await token(api, "nobody", "x"),
        await refresh(api, tokens["refresh_token"]),
        await api.get("/api/users", headers=admin),
        await api.post("/api/users", json=body, headers=admin),
        await api.get(f"/api/users/{'0' * 32}", headers=admin),
        await api.patch(f"/api/users/{'0' * 32}", json={"role": "viewer"}, headers=admin),
        await api.delete(f"/api/users/{'0' * 32}", headers=admin),
        await api.get("/api/keys", headers=admin),
        await api.post("/api/keys", json={"name": "x"}, headers=admin),
        await api.delete(f"/api/keys/{'0' * 32}", headers=admin),
        await api.put("/api/me/password", json=change, headers=admin),
        await api.post("/api/logout", headers=admin),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE"), answer.request.url
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"]
    redis_server.start()

    async def works() -> bool:
        return (await token(api)).status_code == 200

    await eventually(works, 5)
    assert (await refresh(api, tokens["refresh_token"])).status_code == 200
    assert await status(api, admin, "/api/users") == 200


@pytest.mark.usefixtures("_nothing_is_fresh")
async def test_a_redis_that_hangs_holds_nobody_up(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    """It is waited for once in a while, not with every request."""
    assert await status(api, admin) == 200
    assert redis_server._process
    redis_server._process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    assert {await status(api, admin) for _ in range(200)} == {200}
    assert time.monotonic() - started < 10  # 200 times a tenth of a second would be 20
    assert (await token(api)).status_code == 503
    redis_server._process.send_signal(signal.SIGCONT)

    async def works() -> bool:
        return (await token(api)).status_code == 200

    await eventually(works, 5)
