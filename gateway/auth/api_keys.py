"""Keys for machines: shown once, kept as a digest, good for the models that they name."""

from __future__ import annotations

import hmac
import re
import uuid
from datetime import timedelta

from gateway.auth.caller import Caller, KeyRole
from gateway.auth.opaque import SECRET, digest, new_secret
from gateway.auth.store import ApiKey, Store, now
from gateway.auth.tokens import not_accepted

KEY = re.compile(rf"dai_([0-9a-f]{{32}})_{SECRET}")
_TOUCH = timedelta(minutes=1)


def new_key(
    name: str, role: KeyRole, owner: str, *, models: list[str] | None, lifetime: timedelta | None
) -> tuple[ApiKey, str]:
    """The record to keep, and the key itself, which is not kept."""
    secret, at = new_secret(), now()
    record = ApiKey(
        id=uuid.uuid4().hex,
        name=name,
        digest=digest(secret),
        role=role,
        models=models,
        owner=owner,
        created=at,
        expires=at + lifetime if lifetime else None,
    )
    return record, f"dai_{record.id}_{secret}"


def verify_key(record: ApiKey | None, secret: str) -> Caller:
    """Who calls with ``secret``. Raises Unauthorized for a key that is unknown, wrong or past its time."""
    right = hmac.compare_digest(record.digest if record else digest(""), digest(secret))
    if record is None or not right or (record.expires and record.expires <= now()):
        raise not_accepted()
    models = frozenset(record.models) if record.models is not None else None
    return Caller(f"key:{record.id}", record.name, record.role, "api_key", models, key_id=record.id)


async def touch(store: Store, record: ApiKey) -> None:
    """Notes when the key was last used, to the minute."""
    if record.last_used is None or now() - record.last_used > _TOUCH:
        record.last_used = now()
        await store.touch_api_key(record)
