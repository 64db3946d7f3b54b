"""The routes of a service of predictions that are ours. Open Inference Protocol: `oip`; health: `operations`."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request

from shared.contract import OodScore, Prediction
from shared.errors import NotFound
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.document import refusals
from shared.http.examples import PICTURE_BODY, PREDICT_BODY, PREDICT_RESPONSES
from shared.http.explain import wants_explanation
from shared.http.numbers import is_json, read_numbers
from shared.http.svg import OfVersion, PlotName, Svg
from shared.http.uploads import read_image
from shared.plots import read_plot
from shared.service.card import served_card
from shared.service.state import ServiceState

router = APIRouter()


def state_of(request: Request) -> ServiceState:
    """The parts of the application that serves ``request``."""
    state: ServiceState = request.app.state.service
    return state


@router.post("/predict", openapi_extra=PREDICT_BODY, responses=PREDICT_RESPONSES)
async def predict(request: Request) -> Prediction:
    """A picture (multipart field ``file``, or the raw body), or a JSON array of numbers where the model takes it.

    ``explain=true`` adds why: a heat map, or what each number contributed.
    """
    state = state_of(request)
    settings = state.settings
    deadline, explain = request_deadline(request, settings.request_timeout_s), wants_explanation(request)
    if is_json(request):
        numbers = await read_numbers(request)
        return await until_disconnect(request, state.predictions.numbers(numbers, deadline, explain=explain))
    data = await read_image(request, max_bytes=settings.max_image_size, formats=settings.supported_formats)
    return await until_disconnect(request, state.predictions.image(data, deadline, explain=explain))


@router.post("/ood-score", openapi_extra=PICTURE_BODY, responses=PREDICT_RESPONSES)
async def ood_score(request: Request) -> OodScore:
    """How strange a picture is to the model; null when its bundle has no gate. Counted as no prediction."""
    state = state_of(request)
    settings = state.settings
    deadline = request_deadline(request, settings.request_timeout_s)
    data = await read_image(request, max_bytes=settings.max_image_size, formats=settings.supported_formats)
    return await until_disconnect(request, state.predictions.ood_score(data, deadline))


@router.get("/card", responses=refusals(503))
async def card(request: Request) -> dict[str, Any]:
    """The model card: what the model is for, how good it is, and what it cannot do."""
    state = state_of(request)
    return served_card(state.definition, state.host.require())


@router.get("/plots/{name}", response_class=Svg, responses=refusals(404, 503))
async def plot(request: Request, name: PlotName, version: OfVersion = None) -> Svg:
    """A plot of the card, of what answers now; with ``version`` only when it is that one."""
    state = state_of(request)
    bundle = state.host.require().bundle
    if version not in (None, bundle.manifest.version):
        raise NotFound(f"No version {version} of {bundle.manifest.model} here; {bundle.manifest.version} is served.")
    return Svg(await asyncio.to_thread(read_plot, bundle, name))
