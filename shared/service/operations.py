"""The routes that every service has, for orchestrators and Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client.exposition import choose_encoder

from shared.errors import NotFound
from shared.http.document import refusals
from shared.registry import Instance
from shared.service.operable import Operable

router = APIRouter()


@router.get("/health/live")
async def live() -> dict[str, str]:
    """200 while the process answers at all."""
    return {"status": "live"}


@router.get("/health/ready", response_model=Instance, responses={503: {"model": Instance}})
async def ready(request: Request) -> JSONResponse:
    """200 when the model may answer; 503 with the reason otherwise."""
    instance = _state(request).announcer.instance()
    return JSONResponse(instance.model_dump(mode="json"), status_code=200 if instance.ready else 503)


@router.get("/metrics", response_class=PlainTextResponse, responses=refusals(404))
async def metrics(request: Request) -> Response:
    """Prometheus; nothing there when METRICS_ENABLED is false."""
    if not _state(request).settings.metrics_enabled:
        raise NotFound(f"There is nothing at {request.url.path}.")
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(_state(request).metrics.registry), media_type=media_type)


def _state(request: Request) -> Operable:
    state: Operable = request.app.state.service
    return state
