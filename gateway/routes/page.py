"""What the page should know of this system before it asks anything else."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.links import links
from gateway.policy import needs
from gateway.state import state_of
from shared.imaging.formats import JPEG, PNG
from shared.version import VERSION

router = APIRouter(tags=["page"])
Format = Literal["jpg", "png"]
_FORMATS: dict[str, Format] = {JPEG: "jpg", PNG: "png"}


class PageSettings(BaseModel):
    """``max_image_size``: bytes of one upload. The URLs are what a browser opens; null where there is none."""

    version: str
    emergency_number: str | None
    max_image_size: int
    supported_formats: list[Format]
    grafana_url: str | None
    alertmanager_url: str | None
    runbooks_url: str | None


@router.get("/api/page", summary="What the page should know", **needs("viewer"))
async def page(request: Request) -> PageSettings:
    """Of this system's settings, those that the page shows or keeps to."""
    settings = state_of(request).settings
    return PageSettings(
        version=VERSION,
        emergency_number=settings.emergency_number,
        max_image_size=settings.max_image_size,
        supported_formats=[_FORMATS[name] for name in settings.supported_formats],
        **links(settings),
    )
