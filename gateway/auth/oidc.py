"""Bearer tokens of another issuer (OpenID Connect), verified by the keys that it publishes."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import httpx
import jwt

from gateway.auth.caller import ROLES, Caller, Role
from gateway.auth.tokens import not_accepted
from shared.errors import Forbidden, SignInUnavailable
from shared.logs import get_logger

_log = get_logger(__name__)
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a key pair; never a shared secret, which a published key would be."""
_TYPES = ("jwt", "at+jwt")
_FRESH_S = 3600.0
_PAUSE_S = 10.0
"""Between two looks for a key id that was not there: tokens that we did not ask for must not make us ask."""
_TIMEOUT_S = 3.0
_LEEWAY_S = 30


class OidcVerifier:
    """Knows the issuer's keys, and looks again when one is new."""

    def __init__(
        self, client: httpx.AsyncClient, issuer: str, audience: str, *, jwks_url: str | None, role_claim: str
    ) -> None:
        self._client = client
        self.issuer = issuer
        self._audience = audience
        self._jwks_url = jwks_url
        self._role_claim = role_claim.split(".")
        self._keys: dict[str, jwt.PyJWK] = {}
        self._looked = -_FRESH_S
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Caller:
        """Raises Unauthorized; Forbidden for somebody without a role here; SignInUnavailable without any keys."""
        try:
            header = jwt.get_unverified_header(token)
            if str(header.get("typ", "")).lower() not in _TYPES or "crit" in header:
                raise ValueError("not a token to access with")
            key = await self._key(str(header["kid"]))
            claims = self._decode(token, key, str(header["alg"]))
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise not_accepted() from error
        role = self._role(claims)
        if role is None:
            raise Forbidden("Your account has no role here: admin, clinician or viewer is wanted.")
        name = str(claims.get("preferred_username") or claims["sub"])
        # an issuer may use names as subjects, and the id goes where a name must not
        subject = hashlib.sha256(f"{self.issuer}\0{claims['sub']}".encode()).hexdigest()[:32]
        return Caller(f"oidc:{subject}", name, role, "oidc")

    def _decode(self, token: str, key: jwt.PyJWK, algorithm: str) -> dict[str, Any]:
        if algorithm not in _ALGORITHMS or key.algorithm_name != algorithm:
            raise ValueError("not the key's algorithm")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self.issuer,
            audience=self._audience,
            leeway=_LEEWAY_S,
            options={"require": ["iss", "aud", "exp", "iat", "sub"]},
        )
        return claims

    def _role(self, claims: dict[str, Any]) -> Role | None:
        found: Any = claims
        for name in self._role_claim:
            found = found.get(name) if isinstance(found, dict) else None
        words = found if isinstance(found, list) else [found]
        return next((role for role in reversed(ROLES) if role in words), None)

    async def _key(self, kid: str) -> jwt.PyJWK:
        age = time.monotonic() - self._looked
        if age > _FRESH_S or (kid not in self._keys and age > _PAUSE_S):
            async with self._lock:
                if time.monotonic() - self._looked >= min(age, _PAUSE_S):
                    await self._look()
        if not self._keys:
            detail = "The keys of the sign-in service cannot be read."
            raise SignInUnavailable(detail, headers={"Retry-After": "10"}, scope="issuer")
        return self._keys[kid]

    async def _look(self) -> None:
        self._looked = time.monotonic()
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                found = await self._get(self._jwks_url or await self._discover())
            self._keys = _signing_keys(found)
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            # the keys that are known stay good: an issuer that is away must not sign everybody out
            _log.warning("oidc_keys_unreadable", error=type(error).__name__)

    async def _discover(self) -> str:
        found = await self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found["issuer"] != self.issuer:
            raise ValueError("the discovery document is another issuer's")
        return str(found["jwks_uri"])

    async def _get(self, url: str) -> dict[str, Any]:
        response = await self._client.get(url)
        response.raise_for_status()
        document = response.json()
        if not isinstance(document, dict):
            raise TypeError("not a JSON object")
        return document


def _signing_keys(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """Those of a JWKS that have an id and are not for encryption."""
    keys = jwt.PyJWKSet.from_dict(document).keys
    return {key.key_id: key for key in keys if isinstance(key.key_id, str) and key.public_key_use in (None, "sig")}
