"""Honours ``Idempotency-Key``: a request that is sent again, with the same key, gets the same answer and no new work.

``doctorai:idempotent:<place>``  the answer, sealed by caller and key, for a day; or a word that it is being worked on
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis
from starlette.requests import Request

from gateway.auth.caller import Caller
from shared.errors import Conflict, ValidationFailed
from shared.redis import PREFIX, REDIS_ERRORS, RedisGuard
from shared.sealed import Sealed
from shared.version import VERSION

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_WELL_FORMED = re.compile(r"[\x21-\x7e]{8,255}")
_KEPT = timedelta(days=1)
_IN_HAND = timedelta(seconds=60)


class _Kept(BaseModel):
    fingerprint: str
    answer: str | None = None


class Idempotency:
    """Without Redis requests are answered as if they had no key."""

    def __init__(self, redis: Redis, guard: RedisGuard, digest: Callable[..., str]) -> None:
        self._redis = redis
        self._guard = guard
        self._digest = digest

    async def once(
        self, request: Request, caller: Caller, fingerprint: Callable[[], str], work: Callable[[], Awaitable[str]]
    ) -> tuple[str, bool]:
        """The answer of ``work``, JSON, and whether it is an earlier one. ``fingerprint`` is of what was asked.

        Raises ValidationFailed for a key that was used for something else, Conflict while the first is in hand.
        """
        key = request.headers.get(HEADER)
        if key is None:
            return await work(), False
        if not _WELL_FORMED.fullmatch(key):
            raise ValidationFailed(f"header.{HEADER}: 8 to 255 visible ASCII characters are wanted.")
        # an answer of another version may have another form
        sealed = Sealed("idempotency", self._digest("idempotency", VERSION, caller.id, request.url.path, key))
        asked = fingerprint()
        earlier = await self._claim(sealed, asked)
        if earlier is not None:
            return earlier, True
        try:
            answer = await work()
        except BaseException:
            await self._release(sealed)
            raise
        await self._keep(sealed, _Kept(fingerprint=asked, answer=answer))
        return answer, False

    async def _claim(self, sealed: Sealed, fingerprint: str) -> str | None:
        """The earlier answer; None when there is none and the work is ours."""
        mine = sealed.seal(_Kept(fingerprint=fingerprint).model_dump_json())
        try:
            found = await self._guard.run(lambda: self._set_or_get(_name(sealed), mine))
        except REDIS_ERRORS:
            return None
        kept = _parse(sealed.open(str(found))) if found else None
        if kept is None:
            return None
        if kept.fingerprint != fingerprint:
            raise ValidationFailed(f"header.{HEADER}: was used for another request.")
        if kept.answer is None:
            raise Conflict("The first request with this key is still in hand.", headers={"Retry-After": "1"})
        return kept.answer

    async def _set_or_get(self, name: str, value: str) -> str | None:
        # not SET NX GET, which Redis knows only from version 7 on
        if await self._redis.set(name, value, nx=True, ex=_IN_HAND):
            return None
        found = await self._redis.get(name)
        return str(found) if found else None

    async def _keep(self, sealed: Sealed, kept: _Kept) -> None:
        value = sealed.seal(kept.model_dump_json())
        with contextlib.suppress(*REDIS_ERRORS):
            await self._guard.run(lambda: self._redis.set(_name(sealed), value, ex=_KEPT))

    async def _release(self, sealed: Sealed) -> None:
        with contextlib.suppress(*REDIS_ERRORS):
            await self._guard.run(lambda: self._redis.delete(_name(sealed)))


def _name(sealed: Sealed) -> str:
    return f"{PREFIX}:idempotent:{sealed.place}"


def _parse(text: str | None) -> _Kept | None:
    try:
        return _Kept.model_validate_json(text) if text else None
    except ValidationError:
        return None
