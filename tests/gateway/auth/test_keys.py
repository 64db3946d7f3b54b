"""Keys for machines."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from gateway.auth.store import now
from tests.support.accounts import PASSWORD, add_key, add_user, bearer, headers, status
from tests.support.pictures import jpeg
from tests.support.processes import RedisServer, eventually


async def test_a_key_from_its_beginning_to_its_end(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add_key(api, admin, name="the PACS", models=["xray"], expires_in_days=30)
    key = made.pop("key")
    assert made.keys() == {"id", "name", "role", "models", "owner", "created", "expires", "last_used"}
    assert made["owner"] == (await api.get("/api/me", headers=admin)).json()["id"]
    # shown that once and never again
    listed = await api.get("/api/keys", headers=admin)
    assert listed.json() == {"keys": [made]}
    assert key.split("_", 2)[2] not in listed.text
    assert "digest" not in listed.text
    me = (await api.get("/api/me", headers=bearer(key))).json()
    assert me == {
        "id": f"key:{made['id']}",
        "username": "the PACS",
        "role": "clinician",
        "method": "api_key",
        "models": ["xray"],
    }
    assert await status(api, {"X-API-Key": key}) == 200
    assert (await api.delete(f"/api/keys/{made['id']}", headers=admin)).status_code == 204
    assert await status(api, bearer(key)) == await status(api, {"X-API-Key": key}) == 401
    assert (await api.delete(f"/api/keys/{made['id']}", headers=admin)).status_code == 404
    assert (await api.get("/api/keys", headers=admin)).json() == {"keys": []}


async def test_a_forged_key_is_401(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    key, other = [(await add_key(api, admin))["key"] for _ in range(2)]
    _, identifier, secret = key.split("_", 2)
    forged = [
        f"dai_{identifier}_{other.split('_', 2)[2]}",
        f"dai_{identifier}_{'A' * 43}",
        f"dai_{'0' * 32}_{secret}",
        f"dai_{identifier}_{secret[:-1]}",
        f"dai_{identifier}_{secret}A",
        f"dai_{identifier}_",
        f"dai_{identifier}",
        f"DAI_{identifier}_{secret}",
        f"dai_{identifier}_{secret.swapcase()}",
        f"dai__{identifier}_{secret}",
        f"dai_*_{secret}",
        f"{key},{other}",
        f"dai_{identifier}é_{secret}",
    ]
    for one in forged:
        for shown in (bearer(one), {"X-API-Key": one}):
            raw = {name: value.encode() for name, value in shown.items()}
            answer = await api.get("/api/me", headers=raw)  # type: ignore[arg-type]
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED"), one
            assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert await status(api, bearer(key)) == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "n" * 65},
        {"name": "a\nb"},
        {"name": "x", "role": "root"},
        {"name": "x", "expires_in_days": 0},
        {"name": "x", "expires_in_days": 3651},
        {"name": "x", "expires_in_days": "soon"},
        {"name": "x", "models": "xray"},
        {"name": "x", "models": ["xray"] * 65},
    ],
    ids=str,
)
async def test_what_is_no_key_is_422(api: httpx.AsyncClient, admin: dict[str, str], body: dict[str, object]) -> None:
    assert (await api.post("/api/keys", json=body, headers=admin)).status_code == 422


async def test_a_key_for_a_model_that_is_not_there_is_404(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    answer = await api.post("/api/keys", json={"name": "x", "models": ["xray", "heart"]}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_MODEL")
    assert (await api.get("/api/keys", headers=admin)).json() == {"keys": []}


async def ask(api: httpx.AsyncClient, shown: dict[str, str]) -> dict[str, int]:
    """What each way to a model answers; 503 is past the check, as no model is there."""
    picture = {"file": ("a.jpg", jpeg())}
    data = {"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": ["x"]}]}
    messages = [{"role": "user", "content": "hello"}]
    found = {
        "xray": await api.post("/api/predict/xray", files=picture, headers=shown),
        "tumor": await api.post("/api/predict/tumor", files=picture, headers=shown),
        "palm by its service": await api.post("/api/predict/palm", files=picture, headers=shown),
        "the original's path": await api.post("/api/tumor", files=picture, headers=shown),
        "infer": await api.post("/v2/models/tumor/infer", json=data, headers=shown),
        "infer with a version": await api.post("/v2/models/tumor/versions/1/infer", json=data, headers=shown),
        "chat": await api.post("/api/chatbot", json={"message": "hello"}, headers=shown),
        "forget": await api.delete("/api/chatbot/a-session-of-mine", headers=shown),
        "openai": await api.post(
            "/v1/chat/completions", json={"model": "chatbot", "messages": messages}, headers=shown
        ),
    }
    return {name: answer.status_code for name, answer in found.items()}


async def test_a_key_is_for_its_models_only(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    every = await ask(api, bearer((await add_key(api, admin))["key"]))
    assert set(every.values()) == {503}
    scoped = await ask(api, bearer((await add_key(api, admin, models=["xray"]))["key"]))
    assert scoped == {**dict.fromkeys(every, 403), "xray": 503}
    # a service's name means its model
    palm = await ask(api, bearer((await add_key(api, admin, models=["palm"]))["key"]))
    assert palm == {**dict.fromkeys(every, 403), "palm by its service": 503}
    chat = await ask(api, bearer((await add_key(api, admin, models=["chatbot"]))["key"]))
    assert chat == {**dict.fromkeys(every, 403), "chat": 503, "forget": 503, "openai": 503}
    none = await ask(api, bearer((await add_key(api, admin, models=[]))["key"]))
    assert none == dict.fromkeys(every, 403)


async def test_a_key_has_its_role(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    shown = {role: bearer((await add_key(api, admin, role=role))["key"]) for role in ("viewer", "clinician")}
    assert set((await ask(api, shown["viewer"])).values()) == {403}
    assert [await status(api, credential, "/api/users") for credential in shown.values()] == [403, 403]
    refused = await api.post("/api/keys", json={"name": "too much", "role": "admin"}, headers=admin)
    assert refused.status_code == 422


async def test_a_key_ends_with_its_time(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    made = await add_key(api, admin, expires_in_days=1)
    shown = bearer(made["key"])
    assert await status(api, shown) == 200
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        name = f"doctorai:apikey:{made['id']}"
        record = json.loads(await redis.get(name))
        past = (now() - timedelta(seconds=1)).isoformat()
        await redis.set(name, json.dumps({**record, "expires": past}))

    async def ended() -> bool:
        return await status(api, shown) == 401

    await eventually(ended, 20)


async def test_the_last_use_is_noted_and_a_wrong_secret_is_no_use(
    api: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    made = await add_key(api, admin)
    wrong = f"dai_{made['id']}_{'A' * 43}"
    assert await status(api, bearer(wrong)) == 401

    async def last_used() -> str | None:
        (key,) = (await api.get("/api/keys", headers=admin)).json()["keys"]
        return str(key["last_used"]) if key["last_used"] else None

    assert await last_used() is None
    assert await status(api, bearer(made["key"])) == 200
    noted = await last_used()
    assert noted is not None
    assert noted >= made["created"]


async def test_a_use_does_not_bring_a_revoked_key_back(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer
) -> None:
    made = await add_key(api, admin)
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        await redis.delete(f"doctorai:apikey:{made['id']}")  # as another gateway revokes it
        assert await status(api, bearer(made["key"])) in (200, 401)
        assert not await redis.exists(f"doctorai:apikey:{made['id']}")


async def test_the_keys_of_a_removed_account_end(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    user = await add_user(api, admin, "second", "admin")
    other = await headers(api, "second", PASSWORD)
    keys = [bearer((await add_key(api, other))["key"]) for _ in range(3)]
    mine = bearer((await add_key(api, admin))["key"])
    assert [await status(api, key) for key in (*keys, mine)] == [200] * 4
    assert (await api.delete(f"/api/users/{user['id']}", headers=admin)).status_code == 204
    assert [await status(api, key) for key in (*keys, mine)] == [401, 401, 401, 200]
    assert len((await api.get("/api/keys", headers=admin)).json()["keys"]) == 1


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "clinician"}])
async def test_keys_end_when_their_maker_is_no_administrator_any_more(
    api: httpx.AsyncClient, admin: dict[str, str], change: dict[str, Any]
) -> None:
    user = await add_user(api, admin, "second", "admin")
    theirs = bearer((await add_key(api, await headers(api, "second", PASSWORD)))["key"])
    mine = bearer((await add_key(api, admin))["key"])
    renamed = await api.patch(f"/api/users/{user['id']}", json={"password": "another one, long"}, headers=admin)
    assert renamed.status_code == 200
    assert [await status(api, key) for key in (theirs, mine)] == [200, 200]
    assert (await api.patch(f"/api/users/{user['id']}", json=change, headers=admin)).status_code == 200
    assert [await status(api, key) for key in (theirs, mine)] == [401, 200]


async def test_a_damaged_record_lets_nobody_in(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.auth.authenticator.BELIEVED_S", 0.0)
    made = await add_key(api, admin)
    async with Redis.from_url(redis_server.url) as redis:
        for value in (b"", b"{", b"null", b"{}", b"\xff\xfe", b'{"id": 1, "digest": ""}'):
            await redis.set(f"doctorai:apikey:{made['id']}", value)
            assert await status(api, bearer(made["key"])) == 401, value
            assert await status(api, admin, "/api/keys") == 200
