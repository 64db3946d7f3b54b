"""The parts that a running service is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from shared.definition import ServiceDefinition
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.metrics import PredictionMetrics, ServiceMetrics
from shared.service.predict import PredictionService
from shared.service.served import Served
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


@dataclass(frozen=True)
class ServiceState:
    """The parts of a service of predictions."""

    definition: ServiceDefinition
    settings: ServiceSettings
    host: ModelHost[Served]
    metrics: PredictionMetrics
    announcer: Announcer
    predictions: PredictionService
