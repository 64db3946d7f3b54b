"""The last turns of a conversation, in Redis with a time to live, so that any instance can go on with it.

``doctorai:chat:<place>``  a list, newest first, of at most three turns, sealed: who does not know the session's id
can neither find nor read them
"""

from __future__ import annotations

import uuid

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

from shared.contract import ChatKind
from shared.logs import get_logger
from shared.redis import PREFIX, REDIS_ERRORS, heed_cancellation, redis_reason
from shared.sealed import Sealed

_log = get_logger(__name__)
_KEPT = 3
_PURPOSE = "conversation"


class Turn(BaseModel):
    """What a follow-up may lean on: the question and the topic of the last answer until then, never the answer."""

    message: str
    kind: ChatKind
    topic: str | None = None
    suspected: bool = False


class Conversations:
    """Reads and writes turns. Without Redis each message stands alone."""

    def __init__(self, redis: Redis, ttl_s: int) -> None:
        self._redis = redis
        self._ttl_s = ttl_s
        self.available = True

    async def turns(self, session_id: str) -> list[Turn] | None:
        """The turns, newest first; None when Redis does not answer."""
        sealed = Sealed(_PURPOSE, session_id)
        try:
            values = await self._redis.lrange(_key(sealed), 0, _KEPT - 1)
        except REDIS_ERRORS as error:
            self._tell(available=False, why=redis_reason(error))
            return None
        heed_cancellation()
        self._tell(available=True)
        return [turn for value in values if (turn := _parse(sealed.open(str(value))))]

    async def add(self, session_id: str, turn: Turn) -> bool:
        """Keeps ``turn``; False when Redis did not take it."""
        sealed = Sealed(_PURPOSE, session_id)
        key = _key(sealed)
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.lpush(key, sealed.seal(turn.model_dump_json()))
                pipeline.ltrim(key, 0, _KEPT - 1)
                pipeline.expire(key, self._ttl_s)
                await pipeline.execute()
        except REDIS_ERRORS as error:
            self._tell(available=False, why=redis_reason(error))
            return False
        return True

    async def forget(self, session_id: str) -> bool:
        """Deletes a conversation; False when Redis does not answer."""
        try:
            await self._redis.delete(_key(Sealed(_PURPOSE, session_id)))
        except REDIS_ERRORS as error:
            self._tell(available=False, why=redis_reason(error))
            return False
        return True

    def _tell(self, *, available: bool, why: str = "") -> None:
        if available != self.available:
            self.available = available
            _log.info("sessions_back") if available else _log.warning("sessions_lost", error=why)


def new_session() -> str:
    return uuid.uuid4().hex


def _key(sealed: Sealed) -> str:
    return f"{PREFIX}:chat:{sealed.place}"


def _parse(value: str | None) -> Turn | None:
    # an entry of another version of this program must not break the conversation
    try:
        return Turn.model_validate_json(value) if value else None
    except ValidationError:
        return None
