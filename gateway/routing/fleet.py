"""The instances that this gateway knows, and the choice among them.

What an instance says in the registry is believed until it is silent or a call to it fails; then it is asked directly.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from gateway.routing.circuit import Circuit
from shared.registry import HEARTBEAT_S, STOPPING, Instance

STALE_S = 1.5 * HEARTBEAT_S
"""A heartbeat older than this is late."""


@dataclass
class Member:
    """One instance: what it last said, when, and what the last direct call to it showed."""

    instance: Instance
    heard: float = field(default_factory=time.monotonic)
    probed: float = 0.0
    failing: str | None = None
    listed: bool = True
    in_flight: int = 0
    circuit: Circuit = field(default_factory=Circuit)
    calls: set[asyncio.Timeout] = field(default_factory=set)

    @property
    def usable(self) -> bool:
        return self.instance.ready and self.failing is None

    @property
    def reason(self) -> str | None:
        return self.failing or self.instance.reason

    def eject(self, reason: str) -> None:
        """Not used any more until it answers a probe; what it has in hand is ended, to be asked of another."""
        self.failing = reason
        now = asyncio.get_running_loop().time()
        for call in self.calls:
            if not call.expired():
                call.reschedule(now)

    def hear(self, instance: Instance) -> None:
        """Takes a heartbeat in; the instance's own clock is compared only with itself."""
        self.listed = True
        if instance.last_seen != self.instance.last_seen:
            self.heard = time.monotonic()
        self.instance = instance

    def wants_probe(self, now: float, interval_s: float) -> bool:
        """True when its word alone is not to be believed."""
        doubtful = not self.listed or self.failing is not None or now - self.heard > STALE_S
        return doubtful or now - self.probed > interval_s


class Fleet:
    """All members, by instance id."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    @property
    def members(self) -> list[Member]:
        return list(self._members.values())

    def of(self, service: str) -> list[Member]:
        """The members of a service, by id."""
        found = [member for member in self._members.values() if member.instance.service == service]
        return sorted(found, key=lambda member: member.instance.id)

    def hear(self, instances: Iterable[Instance] | None) -> None:
        """Takes in what the registry lists; None when there is no registry to ask."""
        for member in self._members.values():
            member.listed = False
        for instance in instances or ():
            self.add(instance)

    def add(self, instance: Instance) -> Member:
        """Adds or renews a member."""
        member = self._members.setdefault(instance.id, Member(instance))
        member.hear(instance)
        return member

    def knows(self, address: str) -> bool:
        """True when a member that has not failed is at ``address``."""
        return any(m.instance.address == address and m.failing is None for m in self._members.values())

    def forget_gone(self) -> None:
        """Drops members that no list holds and that do not answer, or say that they are stopping."""
        for identifier, member in list(self._members.items()):
            stopping = member.instance.reason == STOPPING
            if not member.listed and (member.failing is not None or stopping):
                del self._members[identifier]

    def pick(
        self, service: str, exclude: Collection[str] = (), version: str | None = None, *, unready: bool = False
    ) -> Member | None:
        """A usable member by power of two choices: the less busy of two drawn at random. None when there is none.

        With ``version``, one that has it where there is one: any other can tell that it has not. One whose circuit is
        open is taken only when there is no other: a request that breaks every instance it meets must not leave the
        callers of a sound service without an answer. ``unready``: one that says it is not ready, too, for what needs
        no model.
        """
        there = self._members.values()
        members = [m for m in there if m.instance.service == service and m.instance.id not in exclude]
        usable = [member for member in members if member.usable]
        if unready:
            usable = usable or [member for member in members if member.failing is None]
        usable = [member for member in usable if version in (None, member.instance.version)] or usable
        usable = [member for member in usable if member.circuit.allows] or usable
        if len(usable) <= 1:
            return usable[0] if usable else None
        first, second = random.sample(usable, 2)
        return min(first, second, key=lambda member: member.in_flight)
