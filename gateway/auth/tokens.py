"""Access tokens: short-lived JWTs that this system signs for itself (RFC 9068, RFC 8725)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from gateway.auth.caller import ROLES, Role
from gateway.auth.keyring import Key
from gateway.auth.store import Account, now
from shared.errors import Unauthorized

ISSUER = AUDIENCE = "doctorai"
LONGEST_TOKEN = 8192
"""Characters; nothing longer is looked at."""
_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_REQUIRED = ["iss", "aud", "exp", "iat", "nbf", "sub", "sid", "jti"]
_LEEWAY_S = 5
_REPLACING_S = 600
"""How long after this start a former key may still sign: gateways are replaced one after the other. What it signs later
is forged."""
_REMEMBERED = 5000
"""Tokens whose signature was found good, until they end: checking it takes longer than the rest of the gate."""


@dataclass(frozen=True)
class Claims:
    """What a good access token says."""

    account: str
    username: str
    role: Role
    session: str
    epoch: int


class AccessTokens:
    """Issues with the first key; accepts what any of them signed, by its ``kid``."""

    def __init__(self, keys: Sequence[Key], lifetime: timedelta) -> None:
        self._current = keys[0]
        self._keys = {key.kid: key.secret for key in keys}
        self._former_until = time.time() + lifetime.total_seconds() + _REPLACING_S
        self._seen: dict[str, tuple[Claims, float]] = {}
        self.lifetime = lifetime

    def issue(self, account: Account, session: str) -> str:
        at = now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": at,
            "nbf": at,
            "exp": at + self.lifetime,
            "jti": uuid.uuid4().hex,
            "sub": account.id,
            "sid": session,
            "name": account.username,
            "role": account.role,
            "epoch": account.epoch,
        }
        headers = {"typ": _TYPE, "kid": self._current.kid}
        return jwt.encode(claims, self._current.secret, algorithm=_ALGORITHM, headers=headers)

    def verify(self, token: str) -> Claims:
        """Raises Unauthorized for anything but a token of ours that holds now; the caller is not told why."""
        found, ends = self._seen.get(token, (None, 0.0))
        if found and time.time() < ends:
            return found
        try:
            found, ends = self._verify(token)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError) as error:
            self._seen.pop(token, None)
            raise not_accepted() from error
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[token] = (found, ends)
        return found

    def _verify(self, token: str) -> tuple[Claims, float]:
        """What it says, and when it ends."""
        header = jwt.get_unverified_header(token)
        if header.get("typ") != _TYPE or "crit" in header:
            raise ValueError("not an access token")
        claims: dict[str, Any] = jwt.decode(
            token,
            self._keys[str(header["kid"])],
            algorithms=[_ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=_LEEWAY_S,
            options={"require": _REQUIRED, "strict_aud": True},
        )
        if header["kid"] != self._current.kid and claims["exp"] > self._former_until:
            raise ValueError("signed with a former key after it was replaced")
        if claims["role"] not in ROLES:
            raise ValueError("no such role")
        said = Claims(str(claims["sub"]), str(claims["name"]), claims["role"], str(claims["sid"]), int(claims["epoch"]))
        return said, float(claims["exp"])


def not_accepted(scope: str = "credential") -> Unauthorized:
    """The same words for every reason."""
    return Unauthorized(
        "The token is not accepted: it is not ours, has expired, or was revoked. Sign in again.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        scope=scope,
    )
