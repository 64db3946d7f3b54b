"""The parts that a running gateway is made of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fastapi import Request

from gateway.active import ActiveCallers
from gateway.activity import ActivityLog
from gateway.admission.rates import RateLimits
from gateway.alerts import AlertsBoard
from gateway.audit_check import AuditCheck
from gateway.audit_reader import AuditReader
from gateway.auth.authenticator import Authenticator
from gateway.auth.keyring import Keyring
from gateway.auth.passwords import Passwords
from gateway.auth.sign_in import SignIn
from gateway.auth.store import Store
from gateway.feedback.book import FeedbackBook
from gateway.feedback.receipts import Receipts
from gateway.idempotency import Idempotency
from gateway.metrics import GatewayMetrics
from gateway.monitor import Monitor
from gateway.predictions import Predictions
from gateway.routing.upstream import Upstream
from gateway.settings import GatewaySettings
from gateway.suggestions import Suggester
from gateway.trail import Trail
from shared.errors import UnknownModel


@dataclass(frozen=True)
class GatewayState:
    """``instance_id``: this process's name in traces and error reports."""

    instance_id: str
    settings: GatewaySettings
    keyring: Keyring
    monitor: Monitor
    upstream: Upstream
    predictions: Predictions
    suggester: Suggester
    idempotency: Idempotency
    receipts: Receipts
    feedback: FeedbackBook
    rates: RateLimits
    store: Store
    passwords: Passwords
    sign_in: SignIn
    authenticator: Authenticator
    trail: Trail
    audit_check: AuditCheck
    audit_reader: AuditReader
    alerts: AlertsBoard
    activity: ActivityLog
    metrics: GatewayMetrics
    active: ActiveCallers
    draining: asyncio.Event

    def service_of(self, name: str) -> str:
        """The service that ``name``, a service's or a model's, means. Raises UnknownModel listing what there is."""
        known = self.monitor.known
        if name in known:
            return name
        for service, model in known.items():
            if model == name:
                return service
        models = sorted(known.values())
        raise UnknownModel(f"No model '{name}'; there are: {', '.join(models)}.", extra={"models": models})

    def model_of(self, service: str) -> str:
        """The model that ``service`` owns."""
        return self.monitor.model_of(service)


def state_of(request: Request) -> GatewayState:
    """The parts of the application that serves ``request``."""
    state: GatewayState = request.app.state.gateway
    return state
