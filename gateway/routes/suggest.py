"""Which model a picture is for: a picture in, the models that would let it in out."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gateway.policy import SignedIn, check_model, needs
from gateway.routing.upstream import CHATBOT
from gateway.settings import rate
from gateway.state import state_of
from shared.contract import Suggestions
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.examples import PICTURE_BODY, PREDICT_RESPONSES
from shared.http.uploads import read_image

router = APIRouter(tags=["predict"])


@router.post(
    "/api/suggest",
    summary="Suggest models for a picture",
    **needs("clinician", openapi_extra=PICTURE_BODY, responses=PREDICT_RESPONSES),
)
async def suggest(request: Request, caller: SignedIn) -> Suggestions:
    """Asks each model that takes pictures how strange this one (multipart field ``file``) is to it; nothing is
    predicted. The best comes first. A model that does not answer within 5 s is in `unavailable`; 503 when none does.
    Each model that is asked counts as one request towards the caller's limit.
    """
    state = state_of(request)
    with state.trail.entry(request, "suggest") as entry:
        models = [found for found in state.monitor.known.items() if found[0] != CHATBOT]
        allowed = [found for found in models if caller.may_use(found[1])]
        if not allowed:
            check_model(caller, "any model of pictures")
        settings = state.settings
        for _ in allowed[1:]:  # the gate has counted one
            await state.rates.hit(rate(settings.rate_limit_user), "user", caller.id)
        deadline = request_deadline(request, settings.request_timeout_s)
        picture = await read_image(request, max_bytes=settings.max_image_size, formats=settings.supported_formats)
        entry.note(input=state.keyring.digest("input", picture)[:32])
        return await until_disconnect(request, state.suggester.suggest(allowed, picture, deadline))
