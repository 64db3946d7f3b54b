"""The plots of the model cards."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from gateway import examples
from gateway.policy import ModelName, needs
from shared.errors import ModelUnavailable
from shared.http.document import refusals
from shared.manifest import Version

router = APIRouter(tags=["models"])
PlotName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,63}$", examples=["confusion"])]
OfVersion = Annotated[Version | None, Query(description="only of this version: the card's")]


class Svg(Response):
    media_type = "image/svg+xml"


@router.get(
    "/api/models/{model}/plots/{name}",
    summary="A plot of one model's card",
    response_class=Svg,
    **needs("viewer", responses={**examples.PLOT, **refusals(504)}),
)
async def plot(request: Request, model: ModelName, name: PlotName, version: OfVersion = None) -> Svg:
    """One of the card's `plots`, of the version that serves; 404 when there is none."""
    raise ModelUnavailable("No instance can be asked.")
