"""A picture in, a prediction out. The upload is checked by its first bytes and sent on; it is never decoded here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from gateway.examples import PREDICT_BODY, PREDICT_RESPONSES
from gateway.security import SignedIn
from gateway.state import GatewayState, state_of
from gateway.upstream import Payload
from shared.contract import Prediction
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.numbers import is_json, read_numbers
from shared.http.uploads import read_image

router = APIRouter(tags=["predict"])
_DOCS: dict[str, Any] = {"openapi_extra": PREDICT_BODY, "responses": PREDICT_RESPONSES}


@router.post("/api/predict/{model}", summary="Predict", **_DOCS)
async def predict(request: Request, model: str, caller: SignedIn) -> Prediction:
    """Sends one JPEG or PNG (multipart field ``file``) to the model, by its own name or its service's.

    ``palm_disease`` also takes JSON ``[red, green, blue, saturation, brightness]``, five means in 0…1.
    """
    return await _predict(request, model)


def _original(model: str) -> None:
    """The original system's path of a model: the same as predict."""

    @router.post(f"/api/{model}", summary=f"Predict with {model}", name=model, **_DOCS)
    async def original(request: Request, caller: SignedIn) -> Prediction:
        return await _predict(request, model)


for _model in ("lung_colon", "monkeypox", "tumor", "xray", "palm_disease"):
    _original(_model)


async def _predict(request: Request, model: str) -> Prediction:
    state = state_of(request)
    service = state.service_of(model)
    deadline = request_deadline(request, state.settings.request_timeout_s)
    payload = await _payload(request, state)
    return await until_disconnect(request, state.upstream.predict(service, payload, deadline))


async def _payload(request: Request, state: GatewayState) -> Payload:
    if is_json(request):
        await read_numbers(request)
        return Payload(await request.body(), "application/json")
    settings = state.settings
    data = await read_image(request, max_bytes=settings.max_image_size, formats=settings.supported_formats)
    return Payload(data, "application/octet-stream")
