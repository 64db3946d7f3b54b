"""The models that there are, with their cards."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request

from gateway.policy import ModelName, needs
from gateway.state import GatewayState, state_of
from shared.errors import DoctorAIError
from shared.http.deadline import Deadline
from shared.http.document import refusals

router = APIRouter(tags=["models"])
_CARD_S = 5.0


@router.get("/api/models", summary="All models", **needs("viewer"))
async def models(request: Request) -> dict[str, list[dict[str, Any]]]:
    """Each model with its card when an instance of it is ready, else with the reason why there is none."""
    state = state_of(request)
    entries = await asyncio.gather(*(_entry(state, service) for service in state.monitor.known))
    return {"models": list(entries)}


@router.get("/api/models/{model}", summary="One model's card", **needs("viewer", responses=refusals(504)))
async def model_card(request: Request, model: ModelName) -> dict[str, Any]:
    """What the model is for, what it was measured at, and what it cannot do."""
    state = state_of(request)
    service = state.service_of(model)
    return {"ready": True, **await state.upstream.card(service, Deadline(_CARD_S))}


async def _entry(state: GatewayState, service: str) -> dict[str, Any]:
    try:
        return {"ready": True, **await state.upstream.card(service, Deadline(_CARD_S))}
    except DoctorAIError as error:
        model = state.monitor.known[service]
        return {"model": model, "service": service, "ready": False, "reason": error.detail}
