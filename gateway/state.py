"""The parts that a running gateway is made of."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from gateway.monitor import Monitor
from gateway.settings import GatewaySettings
from gateway.upstream import Upstream
from shared.errors import UnknownModel


@dataclass(frozen=True)
class GatewayState:
    settings: GatewaySettings
    monitor: Monitor
    upstream: Upstream

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


def state_of(request: Request) -> GatewayState:
    """The parts of the application that serves ``request``."""
    state: GatewayState = request.app.state.gateway
    return state
