"""The plots of the model cards."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gateway import examples
from gateway.policy import ModelName, needs
from gateway.state import state_of
from shared.errors import NotFound
from shared.http.deadline import request_deadline
from shared.http.document import refusals
from shared.http.svg import OfVersion, PlotName, Svg

router = APIRouter(tags=["models"])


@router.get(
    "/api/models/{model}/plots/{name}",
    summary="A plot of one model's card",
    response_class=Svg,
    **needs("viewer", responses={**examples.PLOT, **refusals(504)}),
)
async def plot(request: Request, model: ModelName, name: PlotName, version: OfVersion = None) -> Svg:
    """One of the card's `plots`, of the version that serves; 404 when there is none. While versions are exchanged two
    instances may have different ones: with the card's `version`, the plot is of that one or there is none.
    """
    state = state_of(request)
    service, deadline = state.service_of(model), request_deadline(request, state.settings.request_timeout_s)
    try:
        return Svg(await state.upstream.plot(service, name, version, deadline))
    except NotFound as error:
        raise NotFound(f"{model} has no plot '{name}'{f' in version {version}' if version else ''}.") from error
