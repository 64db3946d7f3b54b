"""The password of the first administrator, for a system that has no account yet."""

from __future__ import annotations

import asyncio
import os
import secrets
import time

from shared.redis import PREFIX, REDIS_ERRORS, connect_redis
from shared.settings import CommonSettings, load_settings

_PATIENCE_S = 10.0
_POLL_S = 0.1


async def first_password(environment: dict[str, str]) -> str | None:
    """A new password, put into the gateway's ``environment``; None where there are accounts, or somebody chose one.

    Asked of Redis, not of a file beside it: where the accounts were lost, there must be a way in again.
    """
    if os.environ.get("ADMIN_PASSWORD") or os.environ.get("ADMIN_PASSWORD_FILE"):
        return None
    if await _accounts(environment["REDIS_URL"]) != 0:
        return None
    environment["ADMIN_PASSWORD"] = secrets.token_urlsafe(15)
    return environment["ADMIN_PASSWORD"]


async def _accounts(url: str) -> int | None:
    """How many there are; None when Redis does not answer in time."""
    ends = time.monotonic() + _PATIENCE_S
    async with connect_redis(load_settings(CommonSettings, redis_url=url, doctorai_mode="local")) as redis:
        while time.monotonic() < ends:
            try:
                return int(await redis.hlen(f"{PREFIX}:accounts"))
            except REDIS_ERRORS:
                await asyncio.sleep(_POLL_S)
    return None
