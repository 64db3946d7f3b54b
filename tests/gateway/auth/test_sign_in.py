"""Signing in with a name and a password."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from gateway.auth.passwords import Passwords
from tests.support.accounts import ADMIN_PASSWORD, PASSWORD, add_user, bearer, gateway, pair, status, token
from tests.support.processes import RedisServer, eventually

NAMES = [
    "nobody",
    "admin\0",
    "ad\0min",
    "\0",
    "😀",
    "ي" * 128,
    "n" * 128,
    "' OR 1=1 --",
    "*",
    "admin*",
    "a:b",
    "\ufeff",
]


async def test_a_pair_of_tokens_for_the_right_password(api: httpx.AsyncClient) -> None:
    answer = await token(api)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 1800)
    me = (await api.get("/api/me", headers=bearer(answer.json()["access_token"]))).json()
    assert (me["username"], me["role"], me["method"], me["models"]) == ("admin", "admin", "token", None)


async def test_what_is_wrong_is_not_told(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "away")
    await api.patch(f"/api/users/{user['id']}", json={"disabled": True}, headers=admin)
    tries = {"admin": "not the password", "nobody": ADMIN_PASSWORD, "away": PASSWORD, "Admin ": "x", "\u0430dmin": "x"}
    answers = [await token(api, name, password) for name, password in tries.items()]
    said = [{k: v for k, v in answer.json().items() if k not in ("request_id", "timestamp")} for answer in answers]
    assert all(told == said[0] for told in said)
    assert (said[0]["status"], said[0]["code"]) == (401, "UNAUTHORIZED")
    shown = [{name for name in answer.headers if name != "date"} for answer in answers]
    assert all(names == shown[0] for names in shown)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
async def test_no_name_is_too_strange_for_a_plain_no(api: httpx.AsyncClient, name: str) -> None:
    assert (await token(api, name, ADMIN_PASSWORD)).status_code == 401


@pytest.mark.parametrize("password", ["\0", ADMIN_PASSWORD + "\0", "😀" * 1000, "x" * 4096, " ", ADMIN_PASSWORD + " "])
async def test_no_password_is_too_strange_for_a_plain_no(api: httpx.AsyncClient, password: str) -> None:
    assert (await token(api, "admin", password)).status_code == 401


async def test_what_is_no_sign_in_is_422_or_413(api: httpx.AsyncClient) -> None:
    good = {"username": "admin", "password": ADMIN_PASSWORD}
    for form in (
        {},
        {"username": "admin"},
        {"password": ADMIN_PASSWORD},
        {**good, "username": ""},
        {**good, "username": "n" * 129},
        {**good, "password": "x" * 4097},
        {**good, "grant_type": "refresh_token"},
    ):
        answer = await api.post("/api/token", data=form)
        assert answer.status_code == 422, form
        assert ADMIN_PASSWORD not in answer.text
    assert (await api.post("/api/token", json=good)).status_code == 422
    assert (await api.post("/api/token", params=good)).status_code == 422
    assert (await api.get("/api/token", params=good)).status_code == 405
    assert (await api.post("/api/token", data={**good, "password": "x" * 1024 * 1024})).status_code == 413
    raw = b"username=admin&password=%ff%fe%00%ed%a0%80"
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await api.post("/api/token", content=raw, headers=form_type)).status_code == 401
    assert (await api.post("/api/token", content=b"\xff" * 100, headers=form_type)).status_code == 422
    assert (await api.post("/api/token", data=good, files={"password": ("p", b"x")})).status_code in (401, 422)


async def test_the_hasher_runs_for_names_that_are_not_there(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    verify = Passwords._verify

    def counted(self: Passwords, password: str, stored: str) -> tuple[bool, str | None]:
        calls.append(stored[:9])
        return verify(self, password, stored)

    monkeypatch.setattr(Passwords, "_verify", counted)
    for name in ("admin", "nobody", "\0"):
        await token(api, name, "not the password")
    assert calls == ["$argon2id"] * 3


async def test_many_at_once_are_all_served(api: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(token(api) for _ in range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12
    assert len({answer.json()["refresh_token"] for answer in answers}) == 12
    shown = [bearer(answer.json()["access_token"]) for answer in answers]
    assert await asyncio.gather(*(status(api, one) for one in shown)) == [200] * 12
    await api.post("/api/logout", headers=shown[0])
    assert [await status(api, one) for one in shown[:2]] == [401, 200]


async def test_names_that_are_one_when_folded_are_one(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await add_user(api, admin, "Zoë.Straße")
    for name in ("zoë.strasse", "ZOË.STRASSE", "Zoe\u0308.Straße", "Ｚoë.straße", " Zoë.Straße "):
        assert (await token(api, name, PASSWORD)).status_code == 200, name
        if name == name.strip():
            answer = await api.post("/api/users", json={"username": name, "password": PASSWORD}, headers=admin)
            assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT"), name
    assert len((await api.get("/api/users", headers=admin)).json()["users"]) == 2


async def test_a_change_during_a_sign_in_is_not_undone_by_it(
    api: httpx.AsyncClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying takes long; what an administrator did meanwhile must stand, and the sign-in fail."""
    verify = Passwords.verify
    user: dict[str, str] = {}
    changes = [{"password": "an altogether new one"}, {"disabled": True}, None]

    async def slow(self: Passwords, password: str, stored: str | None) -> tuple[bool, str | None]:
        found = await verify(self, password, stored)
        if change := changes[0]:
            answer = await api.patch(f"/api/users/{user['id']}", json=change, headers=admin)
            assert answer.status_code == 200
        else:
            assert (await api.delete(f"/api/users/{user['id']}", headers=admin)).status_code == 204
        return found

    while changes:
        user = await add_user(api, admin, f"user{len(changes)}")
        with monkeypatch.context() as patched:
            patched.setattr(Passwords, "verify", slow)
            assert (await token(api, user["username"], PASSWORD)).status_code == 401, changes[0]
        kept = await api.get(f"/api/users/{user['id']}", headers=admin)
        assert kept.status_code == (200 if changes[0] else 404)
        assert kept.json().get("disabled", False) is bool(changes[0] and changes[0].get("disabled"))
        assert (await token(api, user["username"], PASSWORD)).status_code == 401
        changes.pop(0)


async def test_the_last_sign_in_is_noted(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "somebody")
    assert user["last_sign_in"] is None
    await pair(api, "somebody", PASSWORD)
    shown = (await api.get(f"/api/users/{user['id']}", headers=admin)).json()
    assert shown["last_sign_in"] >= user["created"]


async def test_the_first_administrator_is_made_once(redis_server: RedisServer, tmp_path: Path) -> None:
    """One that was removed does not come back with the next start, nor with another password."""
    async with (
        gateway(redis_server.url, tmp_path / "a") as api,
        gateway(redis_server.url, tmp_path / "b", admin_password="another password") as other,
    ):
        shown = bearer((await pair(api))["access_token"])
        assert (await token(other, "admin", "another password")).status_code == 401
        second = await add_user(api, shown, "second", "admin")
        assert len((await other.get("/api/users", headers=shown)).json()["users"]) == 2
        first = (await api.get("/api/me", headers=shown)).json()["id"]
        successor = bearer((await pair(other, "second", PASSWORD))["access_token"])
        assert (await other.delete(f"/api/users/{first}", headers=successor)).status_code == 204
    async with gateway(redis_server.url, tmp_path / "a") as api:
        assert (await token(api)).status_code == 401
        shown = bearer((await pair(api, "second", PASSWORD))["access_token"])
        assert [user["id"] for user in (await api.get("/api/users", headers=shown)).json()["users"]] == [second["id"]]


async def test_the_first_administrator_is_made_late_when_redis_comes_late(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    redis_server.stop()
    async with gateway(redis_server.url, tmp_path) as api:
        assert (await token(api)).status_code == 503
        redis_server.start()

        async def signed_in() -> bool:
            return (await token(api)).status_code == 200

        await eventually(signed_in, 30)


async def test_without_a_password_there_is_no_first_administrator(redis_server: RedisServer, tmp_path: Path) -> None:
    async with gateway(redis_server.url, tmp_path, admin_password=None) as api:
        for password in ("", " ", "admin", ADMIN_PASSWORD):
            assert (await token(api, "admin", password)).status_code in (401, 422)
