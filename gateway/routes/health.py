"""How the system is, for people and for orchestrators. No sign-in."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.health import Health
from gateway.state import state_of
from shared.errors import ModelUnavailable

router = APIRouter(tags=["health"])


@router.get("/api/health", summary="The whole system")
async def health(request: Request) -> Health:
    """Every model, every instance, Redis and this machine. ``status`` is `healthy`, `degraded` or `unhealthy`;
    a service that is not ready carries its reason. The same document from every gateway replica."""
    current = state_of(request).monitor.health
    if current is None:
        raise ModelUnavailable("The gateway has not looked around yet.", headers={"Retry-After": "1"})
    return current


@router.get("/livez", summary="This process answers")
async def livez() -> dict[str, str]:
    return {"status": "live"}


@router.get("/readyz", summary="This gateway can serve")
async def readyz(request: Request) -> JSONResponse:
    """503 until the gateway has looked for the services once."""
    ready = state_of(request).monitor.health is not None
    return JSONResponse({"ready": ready}, status_code=200 if ready else 503)
