"""The parts of the Open Inference Protocol that do not depend on the model: the server's metadata and health."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from shared.errors import ModelUnavailable, NotFound, UnknownModel
from shared.http.document import refusals
from shared.service.operable import Operable
from shared.version import VERSION

router = APIRouter(prefix="/v2")


@router.get("")
async def server_metadata() -> dict[str, Any]:
    return {"name": "doctorai", "version": VERSION, "extensions": ["binary_tensor_data"]}


@router.get("/health/live")
async def server_live() -> dict[str, bool]:
    return {"live": True}


@router.get("/health/ready", responses=refusals(503))
async def server_ready(request: Request) -> dict[str, Any]:
    return readiness(request.app.state.service)


def readiness(state: Operable, **extra: Any) -> dict[str, Any]:
    """What says that the model may answer. Raises ModelUnavailable with the reason why it may not."""
    if reason := state.host.reason:
        model = state.definition.model
        raise ModelUnavailable(f"{model} is not ready: {reason}.", extra={**extra, "ready": False, "reason": reason})
    return {**extra, "ready": True}


def check_model_name(state: Operable, model: str) -> None:
    """Raises UnknownModel for a model that is not this service's."""
    if model not in (state.definition.model, state.definition.service):
        raise UnknownModel(f"No model '{model}' here; this service has {state.definition.model}.")


def check_model_version(model: str, asked: str | None, loaded: str) -> None:
    """Raises NotFound for a version that is not loaded."""
    if asked is not None and asked != loaded:
        raise NotFound(f"No version {asked} of {model} here; {loaded} is loaded.")
