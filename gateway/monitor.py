"""Watches the system once a second: the registry, the doubtful instances, Redis itself; shares what it finds.

One gateway at a time holds a lease and writes the health document to Redis; the others read it, so that every
replica tells the same. Without Redis each tells what it sees itself.

``doctorai:health``        the document, JSON
``doctorai:health:owner``  the gateway that writes it
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType

import httpx
from pydantic import ValidationError
from redis.asyncio import Redis

from gateway.health import Health, RedisHealth, build_health
from gateway.names import Names
from gateway.routing.fleet import Fleet, Member
from gateway.settings import GatewaySettings
from shared.logs import get_logger
from shared.redis import PREFIX, REDIS_ERRORS, heed_cancellation, redis_reason
from shared.registry import Instance, Registry
from shared.tasks import end_task

_log = get_logger(__name__)
_TICK_S = 1.0
_PROBE_TIMEOUT_S = 1.0
_SNAPSHOT = f"{PREFIX}:health"
_OWNER = f"{PREFIX}:health:owner"
_LEASE_MS = 3000
_SNAPSHOT_MS = 5000


class Monitor:
    """Keeps ``fleet`` and ``health`` up to date until it is stopped."""

    def __init__(
        self,
        settings: GatewaySettings,
        redis: Redis,
        client: httpx.AsyncClient,
        audit_failing: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._redis = redis
        self._registry = Registry(redis)
        self._names = Names()
        self._client = client
        self._audit_failing = audit_failing
        self._id = uuid.uuid4().hex
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._known = settings.expected
        self._redis_told_up = True
        self._holds_lease = False
        self.fleet = Fleet()
        self.redis: RedisHealth | None = None
        """As this gateway saw it last; ``health`` may be another one's."""
        self.health: Health | None = None

    @property
    def redis_up(self) -> bool:
        """Whether Redis answered this gateway's last look."""
        return self.redis is not None and self.redis.status != "down"

    @property
    def known(self) -> Mapping[str, str]:
        """Service → model: what should be there, and what has been seen. A view, not a copy."""
        return MappingProxyType(self._known)

    def model_of(self, service: str) -> str:
        """The model that ``service`` owns."""
        return self._known.get(service, service)

    async def start(self) -> None:
        await self._tick()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        await end_task(self._task)
        with contextlib.suppress(*REDIS_ERRORS):
            if await self._redis.get(_OWNER) == self._id:
                await self._redis.delete(_OWNER)

    def suspect(self, member: Member, reason: str) -> None:
        """A call to ``member`` failed: no more are sent to it until it has answered a probe."""
        member.eject(reason)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            # not wait_for: on Python 3.11 it loses a cancellation that comes together with the event
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._wake.wait()
            try:
                await self._tick()
            except Exception as error:  # noqa: BLE001 - a surprise in one tick must not end the watch
                _log.error("monitor_failed", exc_info=error)

    async def _tick(self) -> None:
        listed, redis = await self._ask_redis()
        self.redis = redis
        self.fleet.hear(listed)
        if listed is None:
            await self._look_for_fallbacks()
        await self._probe_doubtful()
        self.fleet.forget_gone()
        for member in self.fleet.members:
            self._known.setdefault(member.instance.service, member.instance.model)
        own = build_health(self.fleet, self._known, redis, self._audit_failing())
        # a full Redis can still be read: what it tells is from before, and was true then
        self.health = own if redis.status == "down" else await self._shared(own)
        heed_cancellation()

    async def _ask_redis(self) -> tuple[list[Instance] | None, RedisHealth]:
        started = time.perf_counter()
        try:
            listed = await self._registry.list()
            latency_ms = round((time.perf_counter() - started) * 1000, 2)
            self._holds_lease = await self._renew_lease()  # a write: a full Redis still reads, but serves nobody
            policy = str((await self._redis.info("memory")).get("maxmemory_policy", ""))
        except REDIS_ERRORS as error:
            self._holds_lease = False
            self._tell_redis(up=False, why=redis_reason(error))
            return None, RedisHealth(status="down", reason=redis_reason(error))
        self._tell_redis(up=True)
        if policy.startswith("allkeys"):
            reason = f"maxmemory-policy is {policy}: Redis may evict accounts; use volatile-lru"
            return listed, RedisHealth(status="degraded", latency_ms=latency_ms, reason=reason)
        return listed, RedisHealth(status="up", latency_ms=latency_ms)

    def _tell_redis(self, *, up: bool, why: str = "") -> None:
        if up != self._redis_told_up:
            self._redis_told_up = up
            _log.info("redis_back") if up else _log.warning("redis_lost", error=why)

    async def _look_for_fallbacks(self) -> None:
        """Without a registry: whatever answers at the configured addresses, or behind the service's DNS name."""
        missing = [name for name in self._known if not any(member.usable for member in self.fleet.of(name))]
        # side by side: a name server that hangs must not hold up the next look
        places = await asyncio.gather(*(self._fallbacks(name) for name in missing))
        addresses = [address for found in places for address in found]
        answers = await asyncio.gather(*(self._call(address) for address in addresses if not self.fleet.knows(address)))
        for instance in answers:
            if isinstance(instance, Instance):
                self.fleet.add(instance)

    async def _fallbacks(self, service: str) -> list[str]:
        if service in self._settings.service_addresses:
            return self._settings.service_addresses[service]
        if not self._settings.service_url_template:
            return []
        host = service.replace("_", "-")
        return await self._names.urls(self._settings.service_url_template.format(service=service, host=host))

    async def _probe_doubtful(self) -> None:
        now = time.monotonic()
        doubtful = [m for m in self.fleet.members if m.wants_probe(now, self._settings.health_check_interval)]
        await asyncio.gather(*(self._probe(member) for member in doubtful))

    async def _probe(self, member: Member) -> None:
        answer = await self._call(member.instance.address)
        member.probed = time.monotonic()
        if isinstance(answer, str):
            member.eject(answer)
        elif answer.id != member.instance.id:
            member.eject("another instance has taken its address")
        else:
            listed, member.failing = member.listed, None
            member.hear(answer)
            member.listed = listed

    async def _call(self, address: str) -> Instance | str:
        """What the instance at ``address`` says of itself, or why it says nothing."""
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                response = await self._client.get(f"{address}/health/ready")
            return Instance.model_validate_json(response.content)
        except (httpx.HTTPError, TimeoutError) as error:
            return f"does not answer ({type(error).__name__})"
        except ValidationError:
            return "answers, but not as an instance should"

    async def _shared(self, own: Health) -> Health:
        """The document that all gateways tell: ours when we hold the lease, else the holder's."""
        try:
            if self._holds_lease:
                await self._redis.set(_SNAPSHOT, own.model_dump_json(), px=_SNAPSHOT_MS)
                return own
            written = await self._redis.get(_SNAPSHOT)
            return Health.model_validate_json(written) if written else own
        except (*REDIS_ERRORS, ValidationError):
            return own

    async def _renew_lease(self) -> bool:
        if await self._redis.set(_OWNER, self._id, nx=True, px=_LEASE_MS):
            return True
        if await self._redis.get(_OWNER) != self._id:
            return False
        return bool(await self._redis.pexpire(_OWNER, _LEASE_MS))
