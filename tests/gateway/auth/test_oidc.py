"""Bearer tokens of another issuer, whose keys a small server of the test publishes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fastapi import FastAPI
from jwt.algorithms import get_default_algorithms

from gateway.auth.caller import Caller
from gateway.auth.oidc import OidcVerifier
from shared.errors import Forbidden, SignInUnavailable, Unauthorized
from tests.support.accounts import NO_REDIS, bearer, gateway, status
from tests.support.servers import serving
from tests.support.tokens import segment

ISSUER, AUDIENCE = "https://issuer.example/realm", "doctorai-gateway"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS: dict[str, tuple[str, Private]] = {
    "rsa": ("RS256", RSA),
    "pss": ("PS256", rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "ec": ("ES256", ec.generate_private_key(ec.SECP256R1())),
    "ed": ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
}


class Issuer:
    """Publishes keys, counts how often it is asked, and may be away."""

    def __init__(self) -> None:
        self.url = ISSUER
        self.keys = dict(KEYS)
        self.asked: list[str] = []
        self.away = False
        self.discovery: Any = None
        self.document: Any = None

    def jwks(self) -> dict[str, Any]:
        found = [jwk(kid, algorithm, key) for kid, (algorithm, key) in self.keys.items()]
        encryption = {**jwk("enc", "RS256", RSA), "use": "enc"}
        return {"keys": [*found, encryption, {"kty": "oct", "kid": "oct", "k": segment(b"x" * 32)}, {"kty": "new"}]}

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx.ConnectError("away", request=request)
        if request.url.path.endswith("openid-configuration"):
            found = self.discovery or {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
            return httpx.Response(200, json=found)
        return httpx.Response(200, json=self.document if self.document is not None else self.jwks())

    def verifier(self, role_claim: str = "roles", jwks_url: str | None = None) -> OidcVerifier:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return OidcVerifier(client, self.url, AUDIENCE, jwks_url=jwks_url, role_claim=role_claim)


def jwk(kid: str, algorithm: str, key: Private) -> dict[str, Any]:
    public = json.loads(get_default_algorithms()[algorithm].to_jwk(key.public_key()))
    return {**public, "kid": kid, "alg": algorithm, "use": "sig"}


def claims(**changes: Any) -> dict[str, Any]:
    at = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "exp": at + 300, "iat": at, "sub": "user-7", "roles": ["clinician"]}
    return {**good, "preferred_username": "a.doctor", **changes}


def signed(body: dict[str, Any], kid: str = "rsa", said: str | None = None, **header: Any) -> str:
    algorithm, key = KEYS[kid]
    return jwt.encode(body, key, algorithm=algorithm, headers={"kid": said or kid, "typ": "JWT", **header})


async def verified(token: str, issuer: Issuer | None = None, role_claim: str = "roles") -> Caller:
    return await (issuer or Issuer()).verifier(role_claim).verify(token)


@pytest.mark.parametrize("kid", KEYS)
@pytest.mark.parametrize("jwks_url", [None, "https://elsewhere.example/keys"])
async def test_a_good_token_is_accepted(kid: str, jwks_url: str | None) -> None:
    issuer = Issuer()
    caller = await issuer.verifier(jwks_url=jwks_url).verify(signed(claims(), kid))
    assert (caller.username, caller.role, caller.method, caller.models) == ("a.doctor", "clinician", "oidc", None)
    assert caller.id.startswith("oidc:")
    assert "user-7" not in caller.id
    assert issuer.asked == (["/keys"] if jwks_url else ["/realm/.well-known/openid-configuration", "/realm/keys"])


async def test_one_person_has_one_id() -> None:
    first, again = await verified(signed(claims())), await verified(signed(claims(preferred_username="x"), "ec"))
    other = await verified(signed(claims(sub="user-8")))
    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("claim", "body", "role"),
    [
        ("roles", {"roles": ["viewer", "admin", "something"]}, "admin"),
        ("roles", {"roles": "viewer"}, "viewer"),
        ("realm_access.roles", {"realm_access": {"roles": ["offline_access", "clinician"]}}, "clinician"),
        ("a.b.c", {"a": {"b": {"c": ["viewer"]}}}, "viewer"),
        ("https://doctorai/roles", {"https://doctorai/roles": ["viewer"]}, "viewer"),
        ("roles", {"roles": []}, None),
        ("roles", {"roles": ["Admin", "administrator", "admin "]}, None),
        ("roles", {"roles": "viewer admin"}, None),
        ("roles", {"roles": {"admin": True}}, None),
        ("roles", {"roles": [["admin"], {"admin": 1}, None, 1]}, None),
        ("roles", {"roles": None}, None),
        ("roles", {"roles": True}, None),
        ("realm_access.roles", {"realm_access": ["admin"]}, None),
        ("realm_access.roles", {"realm_access.roles": ["admin"], "roles": ["admin"]}, None),
    ],
)
async def test_the_role_is_where_the_settings_say(claim: str, body: dict[str, Any], role: str | None) -> None:
    token = signed({**claims(roles=None), **body})
    if role is None:
        with pytest.raises(Forbidden):
            await verified(token, role_claim=claim)
    else:
        assert (await verified(token, role_claim=claim)).role == role


def public_pem() -> bytes:
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return RSA.public_key().public_bytes(*form)


def by_hand(secret: bytes, **header: Any) -> str:
    said = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa', **header})}.{segment(claims())}"
    return f"{said}.{segment(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"


def hostile() -> dict[str, str]:
    at = int(time.time())
    good = signed(claims())
    changed = {
        "expired": {"exp": at - 60},
        "not yet valid": {"nbf": at + 600},
        "of the future": {"iat": at + 600},
        "another audience": {"aud": "another"},
        "no audience of ours": {"aud": ["another", "account"]},
        "another issuer": {"iss": "https://evil.example"},
        "nearly the issuer": {"iss": f"{ISSUER}/"},
        "exp a text": {"exp": "soon"},
        "sub a number": {"sub": 7},
    }
    found = {name: signed(claims(**change)) for name, change in changed.items()}
    found |= {f"no {name}": signed({k: v for k, v in claims().items() if k != name}) for name in claims_needed()}
    rotated = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return found | {
        "public key as secret": by_hand(public_pem()),
        "JWK as secret": by_hand(json.dumps(jwk("rsa", "RS256", RSA)).encode()),
        "the published secret": by_hand(b"x" * 32, kid="oct"),
        "alg none": f"{segment({'alg': 'none', 'typ': 'JWT', 'kid': 'rsa'})}.{segment(claims())}.",
        "alg of another key": signed(claims(), "ec", said="rsa"),
        "RS512 with a key for RS256": jwt.encode(
            claims(), RSA, algorithm="RS512", headers={"kid": "rsa", "typ": "JWT"}
        ),
        "unknown kid": signed(claims(), said="unknown"),
        "kid of an encryption key": signed(claims(), said="enc"),
        "signed by another": jwt.encode(claims(), rotated, algorithm="RS256", headers={"kid": "rsa", "typ": "JWT"}),
        "its own key": signed(claims(), jwk=jwk("rsa", "RS256", rotated)).rsplit(".", 1)[0] + "." + segment(b"x" * 256),
        "an ID token's type": signed(claims(), typ="id+jwt"),
        "a logout token": signed(claims(), typ="logout+jwt"),
        "crit": signed(claims(), crit=["exp"]),
        "no kid": jwt.encode(claims(), RSA, algorithm="RS256", headers={"typ": "JWT"}),
        "cut off": good[:-8],
        "changed": good.replace(good.split(".")[1], segment(claims(roles=["admin"]))),
        "nothing": "",
    }


def claims_needed() -> tuple[str, ...]:
    return ("iss", "aud", "exp", "iat", "sub")


HOSTILE = hostile()


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_a_hostile_one_is_401(name: str) -> None:
    with pytest.raises(Unauthorized):
        await verified(HOSTILE[name])


async def test_a_new_key_is_picked_up_and_an_old_one_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    issuer.keys = {"rsa": KEYS["rsa"]}
    await verifier.verify(signed(claims()))
    issuer.keys = {"ec": KEYS["ec"]}
    with pytest.raises(Unauthorized):  # it has looked a moment ago
        await verifier.verify(signed(claims(), "ec"))
    monkeypatch.setattr("gateway.auth.oidc._PAUSE_S", -1.0)
    assert (await verifier.verify(signed(claims(), "ec"))).role == "clinician"
    with pytest.raises(Unauthorized):
        await verifier.verify(signed(claims()))


async def test_unknown_keys_do_not_make_us_ask_each_time() -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    tokens = [signed(claims(), said=f"unknown{number}") for number in range(30)]
    found = await asyncio.gather(*(verifier.verify(token) for token in tokens), return_exceptions=True)
    assert {type(one) for one in found} == {Unauthorized}
    assert len(issuer.asked) == 2
    await asyncio.gather(*(verifier.verify(signed(claims(), kid)) for kid in KEYS))
    assert len(issuer.asked) == 2


async def test_an_issuer_that_is_away_signs_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    verifier = issuer.verifier()
    await verifier.verify(signed(claims()))
    issuer.away = True
    monkeypatch.setattr("gateway.auth.oidc._FRESH_S", -1.0)  # the keys are old
    monkeypatch.setattr("gateway.auth.oidc._PAUSE_S", -1.0)
    for _ in range(3):
        assert (await verifier.verify(signed(claims()))).role == "clinician"
    with pytest.raises(Unauthorized):
        await verifier.verify(signed(claims(), said="unknown"))
    assert len(issuer.asked) > 3


@pytest.mark.parametrize(
    "change",
    [
        {"away": True},
        {"discovery": {"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"}},
        {"discovery": {"issuer": ISSUER}},
        {"discovery": ["x"]},
        {"document": []},
        {"document": {}},
        {"document": {"keys": []}},
        {"document": {"keys": "x"}},
        {"document": {"keys": [1, None, {"kty": "RSA", "kid": "rsa", "n": "!", "e": "AQAB"}]}},
        {"document": {"keys": [{**jwk("rsa", "RS256", RSA), "kid": ["rsa"]}]}},
        {"document": "x"},
    ],
    ids=str,
)
async def test_without_any_keys_it_says_so(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """And works by itself once the issuer does."""
    issuer = Issuer()
    vars(issuer).update(change)
    verifier = issuer.verifier()
    for _ in range(2):
        with pytest.raises(SignInUnavailable) as refused:
            await verifier.verify(signed(claims()))
        assert refused.value.headers["Retry-After"]
    vars(issuer).update(away=False, discovery=None, document=None)
    monkeypatch.setattr("gateway.auth.oidc._PAUSE_S", -1.0)
    assert (await verifier.verify(signed(claims()))).role == "clinician"


async def test_the_gateway_takes_its_own_tokens_and_the_issuers(tmp_path: Path) -> None:
    """With real keys over HTTP, and no Redis."""
    issuer, published = Issuer(), FastAPI()

    @published.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, str]:
        return {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}

    @published.get("/keys")
    async def keys() -> dict[str, Any]:
        return issuer.jwks()

    async with serving(published) as port:
        issuer.url = f"http://127.0.0.1:{port}"
        others = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}
        async with gateway(NO_REDIS, tmp_path, **others) as api:
            good = bearer(signed(claims(iss=issuer.url)))
            me = (await api.get("/api/me", headers=good)).json()
            assert (me["username"], me["role"], me["method"]) == ("a.doctor", "clinician", "oidc")
            assert await status(api, good, "/api/users") == 403
            assert await status(api, bearer(signed(claims(iss=issuer.url, roles=["x"])))) == 403
            assert await status(api, bearer(signed(claims(iss=issuer.url, aud="x")))) == 401
            assert await status(api, bearer(signed(claims()))) == 401
            assert (await api.post("/api/logout", headers=good)).status_code == 403
            change = {"current": "x", "new": "an altogether new one"}
            assert (await api.put("/api/me/password", json=change, headers=good)).status_code == 403
