"""The parts that a running service is made of."""

from __future__ import annotations

from dataclasses import dataclass

from shared.definition import ServiceDefinition
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics
from shared.service.predict import PredictionService
from shared.service.settings import ServiceSettings


@dataclass(frozen=True)
class ServiceState:
    definition: ServiceDefinition
    settings: ServiceSettings
    host: ModelHost
    metrics: ServiceMetrics
    predictions: PredictionService
    announcer: Announcer
