"""Seals what lies in Redis so that only somebody who holds a name, e.g. a session id, can find and read it."""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.derive import derive

_NONCE = 12


class Sealed:
    """What belongs to ``name``, an unguessable string: where it lies, and how it is read."""

    def __init__(self, purpose: str, name: str) -> None:
        self.place = hashlib.sha256(f"{purpose}\0{name}".encode()).hexdigest()
        self._key = AESGCM(derive(name, purpose))

    def seal(self, text: str) -> str:
        nonce = os.urandom(_NONCE)
        return (nonce + self._key.encrypt(nonce, text.encode(), None)).hex()

    def open(self, sealed: str) -> str | None:
        """None for what is not ours, or was changed."""
        try:
            data = bytes.fromhex(sealed)
            return self._key.decrypt(data[:_NONCE], data[_NONCE:], None).decode()
        except (ValueError, InvalidTag):
            return None
