"""The keys that everything secret is derived from: one from SECRET_KEY, one from each that came before it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from shared.derive import derive, key_id


@dataclass(frozen=True)
class Key:
    """A derived key, and the public id that says which it is."""

    kid: str
    secret: bytes


class Keyring:
    """Derives a key for each purpose, so that one that leaks opens nothing else."""

    def __init__(self, secret: str, previous: Sequence[str] = ()) -> None:
        self._secrets = (secret, *previous)
        self._derived: dict[str, list[Key]] = {}

    def keys(self, purpose: str) -> list[Key]:
        """The key in use, then those that are only accepted."""
        if purpose not in self._derived:
            derived = [derive(secret, purpose) for secret in self._secrets]
            self._derived[purpose] = [Key(key_id(key), key) for key in derived]
        return self._derived[purpose]

    def digest(self, purpose: str, *parts: str | bytes) -> str:
        """A keyed digest of ``parts`` in hexadecimal: tells equal from different, and nothing else."""
        return _digest(self.keys(purpose)[0], parts)

    def digests(self, purpose: str, *parts: str | bytes) -> list[str]:
        """The same by the key in use, then by the former ones: what was kept under those is still found."""
        return [_digest(key, parts) for key in self.keys(purpose)]


def _digest(key: Key, parts: Sequence[str | bytes]) -> str:
    mac = hmac.new(key.secret, digestmod="sha256")
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        mac.update(len(data).to_bytes(8, "big"))
        mac.update(data)
    return mac.hexdigest()
