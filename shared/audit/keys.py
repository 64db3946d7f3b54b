"""The keys that sign the log, derived from SECRET_KEY so that a leak of one purpose opens no other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_INFO = b"doctorai audit v1"


def audit_keys(current: str, previous: Sequence[str] = ()) -> dict[str, bytes]:
    """Key id → key: the one that signs, then those that are only accepted. ValueError without a secret."""
    if not current:
        raise ValueError("the audit log needs a secret key")
    derived = [_derive(secret) for secret in (current, *previous) if secret]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in derived}


def _derive(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(secret.encode())
