"""Who calls a gateway that runs inside the test: tokens as the gateway itself would issue them."""

from __future__ import annotations

import secrets
from datetime import timedelta

from gateway.auth.caller import Role
from gateway.auth.keyring import Keyring
from gateway.auth.store import Account, now
from gateway.auth.tokens import AccessTokens

SECRET_KEY = secrets.token_hex(32)


def access_tokens(secret: str = SECRET_KEY, lifetime: timedelta = timedelta(minutes=5)) -> AccessTokens:
    return AccessTokens(Keyring(secret).keys("access"), lifetime)


def account(role: Role = "clinician", identifier: str = "a" * 32) -> Account:
    return Account(id=identifier, username=f"a {role}", password_hash="", role=role, created=now())


def signed_in(role: Role = "clinician", identifier: str = "a" * 32) -> dict[str, str]:
    """Headers of an account that holds while Redis does not say otherwise."""
    token = access_tokens().issue(account(role, identifier), session="b" * 32)
    return {"Authorization": f"Bearer {token}"}
