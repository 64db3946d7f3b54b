"""Access tokens that must not be accepted: a table of forgeries, each built with what an attacker may know.

Some are signed with the right key, which no attacker has: each rule must hold by itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.auth.keyring import Key, Keyring
from tests.support.accounts import NO_REDIS, bearer, gateway, status
from tests.support.people import SECRET_KEY, access_tokens, account, signed_in
from tests.support.processes import eventually
from tests.support.tokens import segment

PREVIOUS = "a former secret key of this very system 0123456789"
RING = Keyring(SECRET_KEY, [PREVIOUS])
CURRENT, FORMER = RING.keys("access")
CLAIMS = ("iss", "aud", "exp", "iat", "nbf", "jti", "sub", "sid", "name", "role", "epoch")


def claims(**changes: Any) -> dict[str, Any]:
    """Those of a good token, changed."""
    at = int(time.time())
    good = {"iss": "doctorai", "aud": "doctorai", "iat": at, "nbf": at, "exp": at + 300, "jti": "1" * 32}
    return {**good, "sub": "a" * 32, "sid": "b" * 32, "name": "a doctor", "role": "admin", "epoch": 0, **changes}


def header(**changes: Any) -> dict[str, Any]:
    return {"alg": "HS256", "typ": "at+jwt", "kid": CURRENT.kid, **changes}


def signed(head: object, body: object, key: bytes = CURRENT.secret, digest: str = "sha256") -> str:
    """A token by hand: what no library would agree to write, too."""
    said = f"{segment(head)}.{segment(body)}"
    return f"{said}.{segment(hmac.new(key, said.encode(), digest).digest())}"


def without(whole: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != name}


def unsigned() -> dict[str, str]:
    names = ("none", "None", "NONE", "nOnE", "", None, "null", ["none"], {"alg": "HS256"}, 0, True)
    found = {f"alg {name!r}": f"{segment(header(alg=name))}.{segment(claims())}." for name in names}
    found |= {f"alg {name!r}, signed": signed(header(alg=name), claims()) for name in names}
    found["no alg"] = signed(without(header(), "alg"), claims())
    return found


def wrong_algorithms() -> dict[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    public = private.public_key().public_bytes(*form)
    head = {"typ": "at+jwt", "kid": CURRENT.kid}
    return {
        "HS512, right key": signed(header(alg="HS512"), claims(), digest="sha512"),
        "HS384, right key": signed(header(alg="HS384"), claims(), digest="sha384"),
        "HS512 said, HS256 done": signed(header(alg="HS512"), claims()),
        "hs256": signed(header(alg="hs256"), claims()),
        "RS256": jwt.encode(claims(), private, algorithm="RS256", headers=head),
        "a public key as HMAC secret": signed(header(), claims(), public),
        "RS256 said, HMAC done": signed(header(alg="RS256"), claims()),
        "its key in jwk": signed(header(jwk={"kty": "oct", "k": segment(b"x" * 32)}), claims(), b"x" * 32),
        "its key in jku": signed(header(jku="http://127.0.0.1:1/keys"), claims(), b"x" * 32),
        "its key in x5u": signed(header(x5u="http://127.0.0.1:1/keys"), claims(), b"x" * 32),
        "its key in x5c": signed(header(x5c=[segment(public)]), claims(), public),
    }


def wrong_keys() -> dict[str, str]:
    others = {purpose: RING.keys(purpose)[0] for purpose in ("input", "session", "lockout", "cache", "audit", "Access")}
    found = {f"key of {name}": signed(header(kid=key.kid), claims(), key.secret) for name, key in others.items()}
    found |= {f"key of {name}, our kid": signed(header(), claims(), key.secret) for name, key in others.items()}
    return found | {
        "another SECRET_KEY": signed(header(), claims(), Keyring("another secret" * 4).keys("access")[0].secret),
        "SECRET_KEY itself": signed(header(), claims(), SECRET_KEY.encode()),
        "SECRET_KEY's digest": signed(header(), claims(), hashlib.sha256(SECRET_KEY.encode()).digest()),
        "empty key": signed(header(), claims(), b""),
        "the kid as key": signed(header(), claims(), CURRENT.kid.encode()),
        "kid of the former, key of the current": signed(header(kid=FORMER.kid), claims()),
        "kid of the current, key of the former": signed(header(), claims(), FORMER.secret),
    }


def wrong_kids() -> dict[str, str]:
    kids = {
        "unknown": "deadbeef",
        "a path": "../../dev/null",
        "SQL": "x' UNION SELECT 'secret' --",
        "a command": "$(id)",
        "very long": "k" * 3000,
        "empty": "",
        "a number": 7,
        "null": None,
        "a list": [CURRENT.kid],
        "an object": {"kid": CURRENT.kid},
        "upper case": CURRENT.kid.upper() + "A",
        "NUL": f"{CURRENT.kid}\0",
    }
    found = {f"kid {name}": signed(header(kid=kid), claims()) for name, kid in kids.items()}
    # what a path or a statement in place of a kid would read: an empty key
    found |= {f"kid {name}, empty key": signed(header(kid=kid), claims(), b"") for name, kid in kids.items()}
    found["no kid"] = signed(without(header(), "kid"), claims())
    return found


def wrong_headers() -> dict[str, str]:
    types = (None, "", "JWT", "jwt", "refresh", "rt+jwt", "id+jwt", "AT+JWT", "application/at+jwt", ["at+jwt"], 1)
    found = {f"typ {name!r}": signed(header(typ=name), claims()) for name in types}
    return found | {
        "no typ": signed(without(header(), "typ"), claims()),
        "crit": signed(header(crit=["exp"], exp=1), claims()),
        "crit of what is known": signed(header(crit=["b64"], b64=True), claims()),
        "crit empty": signed(header(crit=[]), claims()),
        "b64 false": signed(header(b64=False, crit=["b64"]), claims()),
        "a list as header": signed([header()], claims()),
        "a text as header": signed("HS256", claims()),
        "no JSON as header": signed(b"{", claims()),
        "deep header": signed(b"[" * 2500, claims()),
    }


def wrong_times() -> dict[str, str]:
    at = int(time.time())
    found = {
        f"{name} {value!r}": signed(header(), claims(**{name: value}))
        for name in ("exp", "nbf", "iat")
        for value in ("soon", "", "NaN", float("nan"), float("inf"), float("-inf"), None, [at], {}, 10**400)
    }
    return found | {
        "expired": signed(header(), claims(exp=at - 60)),
        "expired long ago": signed(header(), claims(exp=0)),
        "expired before the beginning": signed(header(), claims(exp=-1e300)),
        "not yet valid": signed(header(), claims(nbf=at + 600)),
        "issued in the future": signed(header(), claims(iat=at + 600)),
    }


def wrong_claims() -> dict[str, str]:
    values = {
        "aud": ["other", ["doctorai"], ["doctorai", "other"], "", None, 1, "DoctorAI"],
        "iss": ["other", ["doctorai"], "", None, "doctorai ", {"doctorai": 1}],
        "role": ["root", "Admin", "", None, ["admin"], {"admin": 1}, "admin "],
        "epoch": ["x", None, [], float("inf"), float("nan")],
        "sub": [None, 1, ["a" * 32]],
        "jti": [None, 1],
        "sid": [None],
    }
    found = {
        f"{name} {value!r}": signed(header(), claims(**{name: value}))
        for name, all_ in values.items()
        for value in all_
    }
    found |= {f"no {name}": signed(header(), without(claims(), name)) for name in CLAIMS}
    return found | {
        "a list as claims": signed(header(), [claims()]),
        "null as claims": signed(header(), None),
        "no JSON as claims": signed(header(), b"{"),
        "no UTF-8 as claims": signed(header(), b'{"sub": "\xff"}'),
        "deep claims": signed(header(), b"[" * 2500),
        "role twice": signed(header(), json.dumps(claims()).replace("}", ', "role": "root"}').encode()),
    }


def broken() -> dict[str, str]:
    good = signed(header(), claims())
    head, body, mac = good.split(".")
    promoted = segment({**claims(), "role": "admin", "sub": "c" * 32})
    return {
        "payload of another": f"{head}.{promoted}.{mac}",
        "header of another": f"{segment(header(x=1))}.{body}.{mac}",
        "signature changed": f"{head}.{body}.{segment(b'x' * 32)}",
        "signature's last bit": f"{head}.{body}.{mac[:-1]}{'A' if mac[-1] != 'A' else 'E'}",
        "signature's end": good[:-4],
        "signature empty": f"{head}.{body}.",
        "signature gone": f"{head}.{body}",
        "header alone": head,
        "an extra segment": f"{good}.{mac}",
        "an extra point": f"{good}.",
        "a point before": f".{good}",
        "no header": f".{body}.{mac}",
        "points": "..",
        "four points": "....",
        "whitespace within": f"{head} .{body}.{mac}",
        "padding": f"{head}.{body}.{mac}====",
        "not base64url": f"{head}.{body}.{'!' * 43}",
        "twice": f"{good},{good}",
        "in JSON": json.dumps({"token": good}),
        "JWE's five": f"{head}.{body}.{mac}.{body}.{mac}",
        "very long": "a" * 1024 * 1024,
        "very long, signed": signed(header(), claims(name="n" * 1024 * 1024)),
        "non-ASCII": "é" * 40,
        "a refresh token": f"dar_{'a' * 32}_{'b' * 43}",
        "nearly an API key": f"dai_{'A' * 32}_{'b' * 43}",
        "a word": "admin",
        "null": "null",
    }


HOSTILE = {
    **unsigned(),
    **wrong_algorithms(),
    **wrong_keys(),
    **wrong_kids(),
    **wrong_headers(),
    **wrong_times(),
    **wrong_claims(),
    **broken(),
}


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway whose Redis is away: only the token itself speaks for its bearer."""
    async with gateway(NO_REDIS, tmp_path, secret_key_previous=(PREVIOUS,)) as client:
        yield client


async def shown(api: httpx.AsyncClient, *headers: tuple[str, str]) -> httpx.Response:
    return await api.get("/api/me", headers=[(name, value.encode()) for name, value in headers])  # type: ignore[misc]


async def test_a_good_token_is_accepted_which_makes_the_others_mean_something(api: httpx.AsyncClient) -> None:
    keys = {CURRENT: header(), FORMER: header(kid=FORMER.kid)}
    for key, head in keys.items():
        answer = await shown(api, ("Authorization", f"Bearer {signed(head, claims(), key.secret)}"))
        assert (answer.status_code, answer.json()["role"]) == (200, "admin")


async def test_a_former_key_may_sign_while_gateways_are_replaced_and_no_longer(api: httpx.AsyncClient) -> None:
    """A token lives half an hour; by its end it is told when it was signed: ten minutes after the start at most."""
    last = int(time.time()) + 30 * 60 + 600
    for key, ends, expected in ((FORMER, last - 60, 200), (FORMER, last + 60, 401), (CURRENT, last + 60, 200)):
        token = signed(header(kid=key.kid), claims(exp=ends), key.secret)
        assert (await shown(api, ("Authorization", f"Bearer {token}"))).status_code == expected


async def test_every_hostile_token_is_401(api: httpx.AsyncClient) -> None:
    assert len(HOSTILE) > 120
    got = {name: await shown(api, ("Authorization", f"Bearer {token}")) for name, token in HOSTILE.items()}
    assert {name: answer.status_code for name, answer in got.items() if answer.status_code != 401} == {}
    # and none of them learns why
    assert len({answer.json()["detail"] for answer in got.values()}) == 1
    assert {answer.headers["www-authenticate"] for answer in got.values()} == {'Bearer error="invalid_token"'}


async def test_a_token_counts_only_where_it_belongs(api: httpx.AsyncClient) -> None:
    good = signed_in("admin")["Authorization"].removeprefix("Bearer ")
    named = ("Authorization", f"Bearer {good}")
    refused: dict[str, list[tuple[str, str]]] = {
        "twice": [named, named],
        "a good one and a bad one": [named, ("Authorization", "Bearer x")],
        "a token and a key": [named, ("X-API-Key", "x")],
        "two keys": [("X-API-Key", good), ("X-API-Key", good)],
        "Basic": [("Authorization", f"Basic {good}")],
        "a password": [("Authorization", "Basic " + base64.b64encode(b"admin:the first administrator's").decode())],
        "Digest": [("Authorization", f"Digest {good}")],
        "no scheme": [("Authorization", good)],
        "the scheme alone": [("Authorization", "Bearer")],
        "the scheme and blanks": [("Authorization", "Bearer    ")],
        "nothing": [("Authorization", "")],
        "an empty key": [("X-API-Key", "")],
        "another header": [("X-Access-Token", good), ("Token", good), ("Cookie", f"access_token={good}")],
        "quoted": [("Authorization", f'Bearer "{good}"')],
    }
    got = {name: (await shown(api, *headers)).status_code for name, headers in refused.items()}
    assert {name: code for name, code in got.items() if code != 401} == {}
    for query in (f"access_token={good}", f"token={good}", f"authorization=Bearer%20{good}", f"api_key={good}"):
        assert (await api.get(f"/api/me?{query}")).status_code == 401
    assert (await shown(api, named)).status_code == 200


async def test_an_access_token_does_not_refresh(api: httpx.AsyncClient) -> None:
    good = signed_in("admin")["Authorization"].removeprefix("Bearer ")
    answer = await api.post("/api/token/refresh", data={"refresh_token": good})
    assert answer.status_code in (401, 422)


async def test_a_token_ends_when_it_says(api: httpx.AsyncClient) -> None:
    """Also one that was verified before, and is remembered."""
    ending = access_tokens(lifetime=timedelta(seconds=-3)).issue(account("admin"), "b" * 32)
    assert await status(api, bearer(ending)) == 200  # clocks may differ by some seconds

    async def ended() -> bool:
        return await status(api, bearer(ending)) == 401

    await eventually(ended, 30)
    expired = access_tokens(lifetime=timedelta(minutes=-1)).issue(account("admin"), "b" * 32)
    assert await status(api, bearer(expired)) == 401


def test_each_purpose_has_its_own_key() -> None:
    keys: list[Key] = [RING.keys(purpose)[0] for purpose in ("access", "input", "session", "lockout")]
    assert len({key.secret for key in keys}) == len({key.kid for key in keys}) == 4
    assert all(SECRET_KEY.encode() not in key.secret and len(key.secret) == 32 for key in keys)
