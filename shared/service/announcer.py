"""Keeps this instance in the registry: a heartbeat a second, at once when readiness changes, gone before it stops."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psutil

from shared.definition import ServiceDefinition
from shared.logs import get_logger
from shared.redis import REDIS_ERRORS, heed_cancellation, redis_reason
from shared.registry import HEARTBEAT_S, Instance, Registry
from shared.service.host import ModelHost
from shared.tasks import end_task

_log = get_logger(__name__)


class Announcer:
    """Announces until it is stopped. A Redis that is away is told of once, and tried again each heartbeat."""

    def __init__(
        self,
        registry: Registry,
        definition: ServiceDefinition,
        host: ModelHost[Any],
        *,
        address: str,
        instance_id: str,
        in_flight: Callable[[], int],
    ) -> None:
        self._registry = registry
        self._definition = definition
        self._host = host
        self._address = address
        self._in_flight = in_flight
        self._process = psutil.Process()
        self._task: asyncio.Task[None] | None = None
        self._reachable = True
        self.id = instance_id

    def instance(self) -> Instance:
        """What this instance is at this moment."""
        loaded = self._host.loaded
        return Instance(
            id=self.id,
            service=self._definition.service,
            model=self._definition.model,
            address=self._address,
            version=loaded.version if loaded else None,
            digest=loaded.digest if loaded else None,
            ready=self._host.reason is None,
            reason=self._host.reason,
            notice=loaded.notice if loaded else None,
            beside=dict(loaded.beside) if loaded else {},
            in_flight=self._in_flight(),
            rss_bytes=self._process.memory_info().rss,
            last_seen=datetime.now(UTC),
        )

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def withdraw(self) -> None:
        """Ends the heartbeat and removes the instance."""
        if self._task:
            await end_task(self._task)
            self._task = None
            # without Redis there is nobody to tell, and the entry dies by itself
            with contextlib.suppress(*REDIS_ERRORS):
                await self._registry.withdraw(self.id)

    async def _run(self) -> None:
        while True:
            self._host.changed.clear()
            await self._beat()
            # not wait_for: on Python 3.11 it loses a cancellation that comes together with the event
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._host.changed.wait()

    async def _beat(self) -> None:
        try:
            await self._registry.announce(self.instance())
            heed_cancellation()
            self._tell(reachable=True)
        except REDIS_ERRORS as error:
            self._tell(reachable=False, why=redis_reason(error))

    def _tell(self, *, reachable: bool, why: str = "") -> None:
        if reachable != self._reachable:
            self._reachable = reachable
            if reachable:
                _log.info("registry_reachable_again")
            else:
                _log.warning("registry_unreachable", error=why)
