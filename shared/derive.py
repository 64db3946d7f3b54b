"""One secret, a key of its own for each purpose: one that leaks opens nothing else."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(secret: str, purpose: str) -> bytes:
    """32 bytes for ``purpose`` (HKDF, RFC 5869)."""
    info = f"doctorai {purpose} v1".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret.encode())


def key_id(key: bytes) -> str:
    """The public name of a derived key."""
    return hashlib.sha256(key).hexdigest()[:8]
