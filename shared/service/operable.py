"""What every running service has, whatever kind of model it serves."""

from __future__ import annotations

from typing import Any, Protocol

from shared.definition import ServiceDefinition
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics
from shared.service.settings import ServiceSettings


class Operable(Protocol):
    """The parts that every service has: what starts it, stops it, and tells how it is."""

    @property
    def definition(self) -> ServiceDefinition: ...
    @property
    def settings(self) -> ServiceSettings: ...
    @property
    def host(self) -> ModelHost[Any]: ...
    @property
    def metrics(self) -> ServiceMetrics: ...
    @property
    def announcer(self) -> Announcer: ...
