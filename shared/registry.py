"""Who is there: each instance announces itself in Redis under a key that dies with it.

``doctorai:instances``          set of instance ids
``doctorai:instance:<id>``      the instance as JSON, with a time to live that each heartbeat renews
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, ValidationError
from redis.asyncio import Redis

from shared.redis import PREFIX

HEARTBEAT_S = 1.0
TTL_S = 5.0
STOPPING = "the instance is stopping"
"""The reason that an instance gives while it drains."""
_INDEX = f"{PREFIX}:instances"


class Instance(BaseModel):
    """One running process of a service, as it last said of itself. ``version`` is the active one.

    ``beside``: role (canary, shadow) → version. ``notice``: what was asked for and is not served, and why.
    """

    id: str
    service: str
    model: str
    address: str
    version: str | None
    digest: str | None = None
    ready: bool
    reason: str | None = None
    notice: str | None = None
    beside: dict[str, str] = Field(default_factory=dict)
    in_flight: int = 0
    rss_bytes: int = 0
    last_seen: datetime


class Registry:
    """The set of live instances. Methods raise one of ``shared.redis.REDIS_ERRORS`` when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def announce(self, instance: Instance) -> None:
        """Adds or renews; without a renewal the instance is gone after TTL_S."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.sadd(_INDEX, instance.id)
            pipe.set(_key(instance.id), instance.model_dump_json(), px=int(TTL_S * 1000))
            await pipe.execute()

    async def withdraw(self, instance_id: str) -> None:
        """Removes at once, so that no caller is sent to an instance that is about to stop."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.srem(_INDEX, instance_id)
            pipe.delete(_key(instance_id))
            await pipe.execute()

    async def list(self) -> list[Instance]:
        """The live instances, ready or not, by service and id; forgets those whose key has died."""
        ids = sorted(str(member) for member in await self._redis.smembers(_INDEX))
        if not ids:
            return []
        values = await self._redis.mget([_key(instance_id) for instance_id in ids])
        dead = [instance_id for instance_id, value in zip(ids, values, strict=True) if value is None]
        if dead:
            await self._redis.srem(_INDEX, *dead)
        found = [parsed for value in values if value and (parsed := _parse(str(value)))]
        return sorted(found, key=lambda instance: (instance.service, instance.id))


def _key(instance_id: str) -> str:
    return f"{PREFIX}:instance:{instance_id}"


def _parse(value: str) -> Instance | None:
    # an entry of another version of this program must not take the list down
    try:
        return Instance.model_validate_json(value)
    except ValidationError:
        return None
