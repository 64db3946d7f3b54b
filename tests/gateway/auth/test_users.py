"""Accounts, as administrators manage them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from tests.support.accounts import PASSWORD, add_key, add_user, bearer, gateway, headers, pair, status, token
from tests.support.processes import RedisServer, eventually


async def test_an_account_from_its_beginning_to_its_end(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "somebody")
    assert user.keys() == {"id", "username", "role", "disabled", "created", "last_sign_in"}
    path = f"/api/users/{user['id']}"
    assert (await api.get(path, headers=admin)).json() == user
    listed = (await api.get("/api/users", headers=admin)).json()["users"]
    assert [one["username"] for one in listed] == ["admin", "somebody"]
    changed = await api.patch(path, json={"role": "viewer"}, headers=admin)
    assert changed.json() == {**user, "role": "viewer"}
    assert (await api.patch(path, json={}, headers=admin)).json() == changed.json()
    assert (await api.delete(path, headers=admin)).status_code == 204
    for answer in (
        await api.get(path, headers=admin),
        await api.patch(path, json={"role": "viewer"}, headers=admin),
        await api.delete(path, headers=admin),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await token(api, "somebody", PASSWORD)).status_code == 401
    # the name is free again, and its new owner somebody else
    assert (await add_user(api, admin, "somebody"))["id"] != user["id"]


@pytest.mark.parametrize(
    "username", ["", " ", "a b", "a\tb", "a\0b", "n" * 65, "\ud800", "a\n", None, 1, ["a"]], ids=ascii
)
async def test_a_name_that_is_none_is_422(api: httpx.AsyncClient, admin: dict[str, str], username: object) -> None:
    body = json.dumps({"username": username, "password": PASSWORD})
    shown = {**admin, "Content-Type": "application/json"}
    answer = await api.post("/api/users", content=body.encode(), headers=shown)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")
    assert PASSWORD not in answer.text


async def test_what_is_no_change_is_422(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "somebody")
    for change in ({"role": "root"}, {"role": ["admin"]}, {"disabled": "perhaps"}, {"password": "short"}, [], "x"):
        answer = await api.patch(f"/api/users/{user['id']}", json=change, headers=admin)
        assert answer.status_code == 422, change
    for identifier in ("x", "0" * 31, "g" * 32, user["id"].upper() + "0", "*", "%2e%2e"):
        assert (await api.get(f"/api/users/{identifier}", headers=admin)).status_code in (404, 422), identifier
    assert (await api.get(f"/api/users/{'0' * 32}", headers=admin)).status_code == 404


async def test_what_is_not_to_be_set_is_not_set(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Neither by making an account nor by changing it."""
    extra = {"id": "0" * 32, "epoch": 7, "created": "2000-01-01T00:00:00Z", "username": "else", "password_hash": "x"}
    user = await add_user(api, admin, "somebody")
    changed = await api.patch(f"/api/users/{user['id']}", json={**extra, "role": "viewer"}, headers=admin)
    assert changed.json() == {**user, "role": "viewer"}
    assert (await token(api, "somebody", PASSWORD)).status_code == 200
    del extra["password_hash"], extra["username"]
    other = await add_user(api, admin, "other", password=PASSWORD, disabled=True, **extra)
    assert other["id"] != extra["id"]
    assert (other["created"] > extra["created"], other["disabled"]) == (True, False)  # type: ignore[operator]


async def test_no_answer_holds_a_hash(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "somebody")
    path = f"/api/users/{user['id']}"
    changed = await api.patch(path, json={"password": "an altogether new one"}, headers=admin)
    for answer in (changed, await api.get(path, headers=admin), await api.get("/api/users", headers=admin)):
        assert answer.status_code == 200
        assert "argon2" not in answer.text
        assert "password" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


async def test_nobody_shuts_himself_out(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    me = (await api.get("/api/me", headers=admin)).json()["id"]
    path = f"/api/users/{me}"
    for answer in (
        await api.delete(path, headers=admin),
        await api.patch(path, json={"disabled": True}, headers=admin),
        await api.patch(path, json={"role": "viewer"}, headers=admin),
        await api.patch(path, json={"role": "clinician", "password": "an altogether new one"}, headers=admin),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert await status(api, admin, "/api/users") == 200
    assert (await api.patch(path, json={"role": "admin", "disabled": False}, headers=admin)).status_code == 200
    second = await add_user(api, admin, "second", "admin")
    other = await headers(api, "second", PASSWORD)
    assert (await api.patch(path, json={"role": "viewer"}, headers=other)).status_code == 200
    assert await status(api, admin, "/api/users") == 403
    assert (await api.delete(f"/api/users/{second['id']}", headers=admin)).status_code == 403


@pytest.mark.parametrize(
    ("change", "codes"),
    [({"role": "viewer"}, (200, 403)), ({"role": "admin"}, (200, 200)), ({"disabled": True}, (401, 401))],
    ids=str,
)
async def test_a_change_is_seen_with_the_next_request(
    api: httpx.AsyncClient, admin: dict[str, str], change: dict[str, object], codes: tuple[int, int]
) -> None:
    user = await add_user(api, admin, "somebody", "clinician")
    shown = await headers(api, "somebody", PASSWORD)
    assert (await status(api, shown), await status(api, shown, "/api/users")) == (200, 403)
    await api.patch(f"/api/users/{user['id']}", json=change, headers=admin)
    assert (await status(api, shown), await status(api, shown, "/api/users")) == codes


async def test_a_removal_is_seen_with_the_next_request(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    """Also when Redis is gone by then."""
    user = await add_user(api, admin, "somebody")
    shown = await headers(api, "somebody", PASSWORD)
    assert await status(api, shown) == 200
    assert (await api.delete(f"/api/users/{user['id']}", headers=admin)).status_code == 204
    assert await status(api, shown) == 401
    redis_server.stop()
    assert await status(api, shown) == 401


async def test_another_gateway_sees_a_change_within_seconds(
    redis_server: RedisServer, tmp_path: Path, quick_hashes: None
) -> None:
    async with gateway(redis_server.url, tmp_path / "a") as one, gateway(redis_server.url, tmp_path / "b") as two:
        admin = await headers(one)
        people = {name: await add_user(one, admin, name) for name in ("changed", "disabled", "removed")}
        shown = {name: await headers(one, name, PASSWORD) for name in people}
        leaving = await headers(one)
        key = await add_key(one, admin)
        seen = [*shown.values(), leaving, bearer(key["key"])]
        assert [await status(two, credential) for credential in seen] == [200] * 5
        await one.patch(f"/api/users/{people['changed']['id']}", json={"role": "viewer"}, headers=admin)
        await one.patch(f"/api/users/{people['disabled']['id']}", json={"disabled": True}, headers=admin)
        await one.delete(f"/api/users/{people['removed']['id']}", headers=admin)
        await one.post("/api/logout", headers=leaving)
        await one.delete(f"/api/keys/{key['id']}", headers=admin)

        async def all_seen() -> bool:
            role = (await two.get("/api/me", headers=shown["changed"])).json()["role"]
            return role == "viewer" and [await status(two, credential) for credential in seen[1:]] == [401] * 4

        await eventually(all_seen, 15)  # five seconds on a machine that has nothing else to do


async def test_a_password_of_ones_own(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await add_user(api, admin, "somebody", "viewer")
    shown = await headers(api, "somebody", PASSWORD)
    for body, code in (
        ({"current": "wrong", "new": "an altogether new one"}, 401),
        ({"current": PASSWORD, "new": "short"}, 422),
        ({"current": PASSWORD}, 422),
        ({"new": "an altogether new one"}, 422),
    ):
        assert (await api.put("/api/me/password", json=body, headers=shown)).status_code == code
    assert await status(api, shown) == 200
    key = bearer((await add_key(api, admin))["key"])
    body = {"current": PASSWORD, "new": "an altogether new one"}
    assert (await api.put("/api/me/password", json=body, headers=key)).status_code == 403
    assert (await api.post("/api/logout", headers=key)).status_code == 403


async def test_two_who_make_the_same_name_at_once(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    asked = [api.post("/api/users", json={"username": "twice", "password": PASSWORD}, headers=admin) for _ in range(6)]
    codes = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert codes == [201] + [409] * 5
    assert (await token(api, "twice", PASSWORD)).status_code == 200


async def test_nothing_secret_is_in_redis(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    await add_user(api, admin, "somebody")
    tokens = await pair(api, "somebody", PASSWORD)
    key = (await add_key(api, admin))["key"]
    assert await status(api, bearer(key)) == await status(api, bearer(tokens["access_token"])) == 200
    secrets = [PASSWORD, key, key.split("_", 2)[2], tokens["refresh_token"], tokens["refresh_token"].split("_", 2)[2]]
    secrets += [tokens["access_token"], tokens["access_token"].rsplit(".", 1)[1]]
    kept = await everything(redis_server)
    assert "somebody" in kept
    assert "argon2id" in kept
    assert [secret for secret in secrets if secret in kept] == []


async def everything(redis_server: RedisServer) -> str:
    """Every key and value."""
    found: list[str] = []
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        async for key in redis.scan_iter():
            kind = await redis.type(key)
            read = {"string": redis.get, "hash": redis.hgetall, "set": redis.smembers}
            whole = await read[kind](key) if kind in read else await redis.dump(key)
            found += [str(key), str(whole)]
    return "\n".join(found)
