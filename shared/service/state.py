"""The parts that a running service of predictions is made of."""

from __future__ import annotations

from dataclasses import dataclass

from shared.definition import ServiceDefinition
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.predict import PredictionService
from shared.service.prediction_metrics import PredictionMetrics
from shared.service.served import Served
from shared.service.settings import ServiceSettings


@dataclass(frozen=True)
class ServiceState:
    """The parts of a service of predictions."""

    definition: ServiceDefinition
    settings: ServiceSettings
    host: ModelHost[Served]
    metrics: PredictionMetrics
    announcer: Announcer
    predictions: PredictionService
