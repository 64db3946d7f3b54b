"""The keys that sign the log, derived from SECRET_KEY so that a leak of one purpose opens no other."""

from __future__ import annotations

from collections.abc import Sequence

from shared.derive import derive, key_id


def audit_keys(current: str, previous: Sequence[str] = ()) -> dict[str, bytes]:
    """Key id → key: the one that signs, then those that are only accepted. ValueError without a secret."""
    if not current:
        raise ValueError("the audit log needs a secret key")
    derived = [derive(secret, "audit") for secret in (current, *previous) if secret]
    return {key_id(key): key for key in derived}
