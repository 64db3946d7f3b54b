"""Secrets that say nothing: of refresh tokens and of API keys. They are shown once, and kept as a digest."""

from __future__ import annotations

import base64
import hashlib
import secrets

SECRET = r"([A-Za-z0-9_\-]{43})"  # noqa: S105 - what one looks like
"""A pattern."""


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def secret_of(mac: str) -> str:
    """A keyed digest, in hexadecimal, in the form of a secret."""
    return base64.urlsafe_b64encode(bytes.fromhex(mac)).rstrip(b"=").decode()


def digest(secret: str) -> str:
    # 256 random bits need no salt and no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()
