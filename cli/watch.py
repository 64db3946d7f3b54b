"""Watches, through the gateway, whether every instance of a service has taken up what was chosen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

import typer
from pydantic import BaseModel, Field, ValidationError

from cli import ask, show
from cli.show import Failure

TIMEOUT_S = 60.0
_EVERY_S = 0.5
_LOOK_S = 10.0
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until every instance has done it.")]
Patience = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait.")]


class _Instance(BaseModel):
    id: str
    ready: bool
    version: str | None
    reason: str | None = None
    notice: str | None = None
    beside: dict[str, str] = Field(default_factory=dict)

    @property
    def words(self) -> str:
        """Why it may not have done it."""
        return self.notice or self.reason or f"version {self.version} is active"


class _Service(BaseModel):
    instances: list[_Instance]


class _Health(BaseModel):
    services: dict[str, _Service]


@dataclass(frozen=True)
class Change:
    """``version`` in ``role`` at every instance; none in that role with None."""

    service: str
    role: Literal["active", "canary", "shadow"]
    version: str | None

    def __str__(self) -> str:
        role = self.role if self.role == "active" else f"the {self.role}"
        return f"{self.version} is {role}" if self.version else f"there is no {self.role}"

    def done(self, instance: _Instance) -> bool:
        served = instance.version if self.role == "active" else instance.beside.get(self.role)
        return instance.ready and served == self.version

    def refused(self, instance: _Instance, before: Mapping[str, str | None]) -> bool:
        """Whether it says no. What it said before may be of another attempt, and does not count."""
        if not self.version or not instance.notice or instance.notice == before.get(instance.id):
            return False
        return re.search(rf"(?<![\d.]){re.escape(self.version)}(?![\d.])", instance.notice) is not None


@contextmanager
def change(wanted: Change, url: str, *, wait: bool, timeout_s: float) -> Iterator[None]:
    """Around what makes the change: waits until all have done it. Raises Failure, each one's words told, if not.

    Without a gateway, or an instance, there is nothing to wait for: one line says so.
    """
    try:
        before = _instances(url, wanted.service) if wait else []
        unseen = f"no instance of {wanted.service} is there"
    except Failure as error:
        before, unseen = [], str(error)
    yield
    if before:
        _wait(wanted, url, {one.id: one.notice for one in before}, timeout_s)
    elif wait:
        show.note(f"{wanted.service}: not watched: {unseen}")


def _wait(wanted: Change, url: str, before: Mapping[str, str | None], timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while True:
        found = _instances(url, wanted.service)
        missing = [one for one in found if not wanted.done(one)]
        late = time.monotonic() >= end
        if late or all(wanted.refused(one, before) for one in missing):
            break
        time.sleep(_EVERY_S)
    _tell(wanted, found, missing, f" after {timeout_s:g} s" if late else "")


def _tell(wanted: Change, found: list[_Instance], missing: list[_Instance], when: str) -> None:
    words = f"{wanted.service}: {wanted} at {len(found) - len(missing)} of {len(found)} instances"
    for one in found:
        if one in missing or one.notice:
            show.note(f"{one.id}: {one.words}")
    if missing or not found:
        raise Failure(words + when)
    show.line(words)


def _instances(url: str, service: str) -> list[_Instance]:
    """What the instances say of themselves, as the gateway sees them."""
    try:
        health = _Health.model_validate(ask.get_public(url, "/api/health", _LOOK_S))
    except ValidationError:
        raise Failure(f"{url} tells how it is in a form that this version does not read.") from None
    found = health.services.get(service)
    return found.instances if found else []
