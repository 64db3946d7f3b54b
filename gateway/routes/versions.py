"""Which version of a model is served, for administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.policy import ModelName, needs
from shared.errors import ModelUnavailable
from shared.http.document import refusals
from shared.manifest import Version
from shared.versions import ServiceVersions

router = APIRouter(prefix="/api/models/{model}", tags=["versions"])
_CHANGE = needs("admin", status_code=202, responses=refusals(409, 504))


class InstanceVersion(BaseModel):
    """What one instance serves; ``notice``: what it should serve instead, and why it does not."""

    id: str
    version: str | None
    notice: str | None


class ModelVersions(ServiceVersions):
    """Which versions of a model there are, which is chosen, and what each instance serves at this moment."""

    model: str
    instances: list[InstanceVersion]


class Activation(BaseModel):
    version: Version


@router.get("/versions", summary="The versions of a model", **needs("admin", responses=refusals(504)))
async def versions(request: Request, model: ModelName) -> ModelVersions:
    """`versions` are those whose files lie where the services find them, the highest first. `active` is what is
    chosen; the `instances` follow within seconds.
    """
    raise ModelUnavailable("No instance can be asked.")


@router.post("/activate", summary="Serve a version from now on", **_CHANGE)
async def activate(request: Request, model: ModelName, asked: Activation) -> ModelVersions:
    """Chooses among the versions that are there; the one that serves goes on until the instances have loaded the
    other. 404 for a version that is not there; 409 when its files are not whole, or when nothing can be changed over
    HTTP: `why_not` says why, and with which command it is done instead.
    """
    raise ModelUnavailable("No instance can be asked.")


@router.post("/rollback", summary="Serve what was active before", **_CHANGE)
async def rollback(request: Request, model: ModelName) -> ModelVersions:
    """409 when nothing was."""
    raise ModelUnavailable("No instance can be asked.")
