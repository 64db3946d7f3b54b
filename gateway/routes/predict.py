"""A picture in, a prediction out. The upload is checked by its first bytes and sent on; it is never decoded here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from gateway import examples
from gateway.idempotency import REPLAYED
from gateway.policy import ModelName, check_model, needs, require_role
from gateway.predictions import Asked
from gateway.routing.upstream import Call
from gateway.state import GatewayState, state_of
from gateway.trail import Entry
from shared.contract import Prediction
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.explain import wants_explanation
from shared.http.numbers import is_json, read_numbers
from shared.http.uploads import read_image

router = APIRouter(tags=["predict"])
ORIGINALS = ("lung_colon", "monkeypox", "tumor", "xray", "palm_disease")
"""The models that the original system had a path for each."""
_DOCS: dict[str, Any] = {
    "response_model": Prediction,
    **needs("clinician", **examples.PREDICT),
}


@router.post("/api/predict/{model}", summary="Predict", **_DOCS)
async def predict(request: Request, model: ModelName) -> Response:
    """Sends one JPEG or PNG (multipart field ``file``) to the model, by its own name or its service's.

    ``explain=true`` adds why: a heat map to lay over the picture, or what each number contributed.
    ``palm_disease`` also takes JSON ``[red, green, blue, saturation, brightness]``, five means in 0…1.
    The same picture to the same weights is answered from a cache for an hour (`cached`); `Cache-Control: no-cache`
    asks for a new inference, `no-store` leaves nothing behind. An `Idempotency-Key` makes a repetition safe.
    """
    return await answer(request, model)


def _original(model: str) -> None:
    """The original system's path of a model: the same as predict."""

    @router.post(f"/api/{model}", summary=f"Predict with {model}", name=model, **_DOCS)
    async def original(request: Request) -> Response:
        return await answer(request, model)


for _model in ORIGINALS:
    _original(_model)


async def answer(request: Request, name: str) -> Response:
    """The answer to a request for a prediction of the model ``name``; `gateway.shortcut` comes here, too."""
    state, caller = state_of(request), require_role(request, "clinician")
    service = state.service_of(name)
    with state.trail.entry(request, "predict", model=state.model_of(service)) as entry:
        check_model(caller, state.model_of(service))
        asked = await _asked(request, state, service, entry)
        entry.note(input=asked.digest[:32])

        async def work() -> str:
            return await _fresh(request, state, asked, entry)

        told, replayed = await state.idempotency.once(request, caller, lambda: asked.digest, work)
        if replayed:
            _note(request, asked, entry, Prediction.model_validate_json(told))
    return Response(told, media_type="application/json", headers={REPLAYED: "true"} if replayed else None)


async def _asked(request: Request, state: GatewayState, service: str, entry: Entry) -> Asked:
    deadline = request_deadline(request, state.settings.request_timeout_s)
    explain = wants_explanation(request)
    call = await _call(request, state, "/predict?explain=true" if explain else "/predict")
    entry.begin()
    digest = state.keyring.digest("input", call.content or b"") + ("+why" if explain else "")
    control = request.headers.get("cache-control", "").lower()
    return Asked(service, call, digest, deadline, fresh="no-cache" in control, kept="no-store" not in control)


async def _fresh(request: Request, state: GatewayState, asked: Asked, entry: Entry) -> str:
    prediction = await until_disconnect(request, state.predictions.predict(asked))
    _note(request, asked, entry, prediction)
    return prediction.model_dump_json()


def _note(request: Request, asked: Asked, entry: Entry, prediction: Prediction) -> None:
    """What is remembered of the answer: in the audit log, and for the caller's feedback; no-store leaves no receipt."""
    entry.note_prediction(prediction)
    if asked.kept:
        state_of(request).receipts.keep(request.state.caller.id, prediction)


async def _call(request: Request, state: GatewayState, path: str) -> Call:
    if is_json(request):
        await read_numbers(request)
        content, media_type = await request.body(), "application/json"
    else:
        settings = state.settings
        content = await read_image(request, max_bytes=settings.max_image_size, formats=settings.supported_formats)
        media_type = "application/octet-stream"
    return Call("POST", path, content, {"Content-Type": media_type}, hedged=True)
