"""How the system is, for people and for orchestrators. No sign-in."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gateway.health import Health
from gateway.state import state_of
from shared.errors import ModelUnavailable
from shared.http.document import refusals

router = APIRouter(tags=["health"])


@router.get("/api/health", summary="The whole system", responses=refusals(503))
async def health(request: Request) -> Health:
    """Every model, every instance, Redis and this machine. ``status`` is `healthy`, `degraded` or `unhealthy`;
    a service that is not ready carries its reason. The same document from every gateway replica."""
    current = state_of(request).monitor.health
    if current is None:
        raise ModelUnavailable("The gateway has not looked around yet.", headers={"Retry-After": "1"})
    failing = state_of(request).trail.log.failing
    return current.with_audit_failing(failing) if failing else current


@router.get("/livez", summary="This process answers")
async def livez() -> dict[str, str]:
    return {"status": "live"}


@router.get("/readyz", summary="This gateway can serve", responses=refusals(503))
async def readyz(request: Request) -> dict[str, bool]:
    """503 until the gateway has looked for the services once, and from the moment that it is told to stop."""
    if state_of(request).draining.is_set():
        raise ModelUnavailable("The gateway is stopping.", headers={"Retry-After": "1"})
    await health(request)
    return {"ready": True}
