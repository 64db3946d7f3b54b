"""Password hashes: argon2 for what is new, bcrypt for what the original system kept."""

from __future__ import annotations

import bcrypt
import httpx
import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from redis.asyncio import Redis

from gateway.auth.passwords import Passwords
from gateway.metrics import REFUSALS
from shared.errors import Overloaded
from tests.support.accounts import PASSWORD, add_user, token
from tests.support.processes import RedisServer

LONG = "a password of more than seventy-two bytes, as bcrypt reads them: " + "x" * 60


def bcrypt_hash(password: str, prefix: str = "2b") -> str:
    # what bcrypt does with a longer one: earlier versions cut it off, the one here refuses it
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return f"${prefix}{made[3:]}"


async def stored_hash(redis_server: RedisServer, identifier: str) -> str:
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        return str(await redis.get(f"doctorai:account:{identifier}"))


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
@pytest.mark.parametrize("password", [PASSWORD, LONG, "pässwörd ٣ كلمة"], ids=["plain", "long", "unicode"])
async def test_an_imported_bcrypt_hash_signs_in_and_becomes_argon2(
    api: httpx.AsyncClient, admin: dict[str, str], redis_server: RedisServer, prefix: str, password: str
) -> None:
    kept = bcrypt_hash(password, prefix)
    user = await add_user(api, admin, "imported", password_hash=kept)
    assert (await token(api, "imported", "not that one")).status_code == 401
    assert f"${prefix}$" in await stored_hash(redis_server, user["id"])
    for _ in range(2):
        assert (await token(api, "imported", password)).status_code == 200
        assert "$argon2id$" in await stored_hash(redis_server, user["id"])
    assert (await token(api, "imported", "not that one")).status_code == 401


async def test_an_imported_argon2_hash_signs_in(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await add_user(api, admin, "imported", password_hash=weak)
    assert (await token(api, "imported", PASSWORD)).status_code == 200
    assert (await token(api, "imported", PASSWORD + "x")).status_code == 401


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "x",
        PASSWORD,
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
        "$2b$04$short",
        "$2b$31$" + "a" * 53,
        "$2b$16$" + "a" * 53,
        "$argon2id$garbage",
        "$argon2id$v=19$m=65536,t=3,p=4$",
        "$argon2id$v=19$m=4294967295,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=65536,t=4294967295,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$pbkdf2-sha256$29000$x$y",
        "$2b$04$" + "a" * 53 + "\n",
    ],
)
async def test_a_hash_that_cannot_be_used_is_422(api: httpx.AsyncClient, admin: dict[str, str], hashed: str) -> None:
    """Or that could, and would take an hour, in which nobody else signs in."""
    answer = await api.post("/api/users", json={"username": "imported", "password_hash": hashed}, headers=admin)
    assert answer.status_code == 422
    assert answer.json()["code"] == "VALIDATION_ERROR"
    assert hashed not in answer.text or len(hashed) < 2


async def test_a_hash_that_looks_right_and_is_not_is_a_wrong_password(
    api: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    damaged = {
        "salt": "$argon2id$v=19$m=65536,t=3,p=4$!!!!!!!!!!!!!!!!!!!!!!$AAAAAAAAAAAAAAAAAAAAAA",
        "version": "$argon2id$v=99$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "lanes": "$argon2id$v=19$m=8,t=1,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "bcrypt": "$2b$04$" + "." * 53,
        "2x": bcrypt_hash("another", "2x"),
    }
    for name, hashed in damaged.items():
        await add_user(api, admin, name, password_hash=hashed)
        assert (await token(api, name, PASSWORD)).status_code == 401, name


async def test_new_passwords_have_bounds(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for password, status in (("eleven char", 422), ("x" * 257, 422), ("x" * 256, 201), ("ü" * 12, 201)):
        body = {"username": f"u{len(password)}", "password": password}
        assert (await api.post("/api/users", json=body, headers=admin)).status_code == status, password
    assert (await token(api, "u256", "x" * 256)).status_code == 200
    for wrong in ("x" * 255, "x" * 257, "x" * 4096):
        assert (await token(api, "u256", wrong)).status_code == 401


async def test_either_a_password_or_a_hash(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for others in ({}, {"password": PASSWORD, "password_hash": bcrypt_hash(PASSWORD)}):
        answer = await api.post("/api/users", json={"username": "both", **others}, headers=admin)
        assert answer.status_code == 422


async def test_nobody_is_verified_as_slowly_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: the same hasher is called, with a hash of the same cost."""
    passwords = Passwords()
    hasher = passwords._hasher.hashers[0]
    calls: list[str] = []
    verify = type(hasher).verify

    def counted(self: object, password: str, stored: str) -> bool:
        calls.append(stored.rsplit("$", 2)[0])
        return verify(self, password, stored)  # type: ignore[arg-type]

    monkeypatch.setattr(type(hasher), "verify", counted)
    kept = await passwords.hash(PASSWORD)
    assert await passwords.verify(PASSWORD, kept) == (True, None)
    assert await passwords.verify("wrong", kept) == (False, None)
    assert await passwords.verify(PASSWORD, None) == (False, None)
    assert len(calls) == 3
    assert len(set(calls)) == 1


async def test_what_is_made_here_costs_what_owasp_asks() -> None:
    """At least 46 MiB and one pass, or more of the one and less of the other."""
    costs = extract_parameters(await Passwords().hash(PASSWORD))
    assert (costs.type, costs.memory_cost >= 47104, costs.time_cost >= 1) == (Type.ID, True, True)


async def test_a_full_queue_is_no_fault_of_the_whole_gateway() -> None:
    passwords = Passwords()
    async with passwords._places.take(), passwords._places.take():
        passwords._places.waiting = 64
        with pytest.raises(Overloaded) as refused:
            await passwords.verify("a password of mine", None)
    assert refused.value.scope == "sign_in"
    assert refused.value.scope in REFUSALS["overloaded"]
