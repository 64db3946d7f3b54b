"""Which version of a model is served, for administrators: told, and chosen among those on the services' disk."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from gateway.policy import ModelName, needs
from gateway.state import GatewayState, state_of
from shared.errors import Conflict
from shared.http.deadline import Deadline, request_deadline
from shared.http.document import refusals
from shared.manifest import Version
from shared.versions import ServiceVersions

router = APIRouter(prefix="/api/models/{model}", tags=["versions"])
_CHANGE = needs("admin", status_code=202, responses=refusals(409, 504))
_OFF = "VERSIONS_OVER_HTTP is false at the gateway: use `doctorai models {} {}` where the models are"


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
    revision: str | None = Field(
        default=None, max_length=64, description="as `versions` told it: 409 when something was chosen since"
    )


@router.get("/versions", summary="The versions of a model", **needs("admin", responses=refusals(504)))
async def versions(request: Request, model: ModelName) -> ModelVersions:
    """`versions` are those whose files lie where the services find them, the highest first. `active` is what is
    chosen; the `instances` follow within seconds.
    """
    state = state_of(request)
    service = state.service_of(model)
    return _told(state, service, await state.upstream.versions(service, _deadline(request, state)))


@router.post("/activate", summary="Serve a version from now on", **_CHANGE)
async def activate(request: Request, model: ModelName, asked: Activation) -> ModelVersions:
    """Chooses among the versions that are there; the one that serves goes on until the instances have loaded the
    other. 404 for a version that is not there; 409 when its files are not whole, when something else is chosen at the
    same time, or when nothing can be changed over HTTP: `why_not` says why, and with which command it is done instead.
    After a 503 or 504 it may have been done: `versions` tells.
    """
    state = state_of(request)
    service = state.service_of(model)
    with state.trail.entry(request, "model_activate", model=state.model_of(service), target=asked.version):
        _check_allowed(state, "activate", f"{service} {asked.version}")
        deadline = _deadline(request, state)
        seen = asked.revision
        if seen is None:
            seen = (await state.upstream.versions(service, deadline)).revision
        return _told(state, service, await state.upstream.activate(service, asked.version, seen, deadline))


@router.post("/rollback", summary="Serve what was active before", **_CHANGE)
async def rollback(request: Request, model: ModelName) -> ModelVersions:
    """409 when nothing was. Asked a second time it goes back to where it was: after a lost answer ask for `versions`
    first.
    """
    state = state_of(request)
    service = state.service_of(model)
    with state.trail.entry(request, "model_rollback", model=state.model_of(service)) as entry:
        _check_allowed(state, "rollback", service)
        deadline = _deadline(request, state)
        now = await state.upstream.versions(service, deadline)
        if now.previous is None:
            raise Conflict(f"Nothing of {service} was active before.")
        entry.note(target=now.previous)
        # activated, not rolled back, there: what is sent again after a fault must not undo itself
        return _told(state, service, await state.upstream.activate(service, now.previous, now.revision, deadline))


def _check_allowed(state: GatewayState, command: str, about: str) -> None:
    if not state.settings.versions_over_http:
        raise Conflict(f"{_OFF.format(command, about)}.")


def _deadline(request: Request, state: GatewayState) -> Deadline:
    return request_deadline(request, state.settings.request_timeout_s)


def _told(state: GatewayState, service: str, found: ServiceVersions) -> ModelVersions:
    """What one instance says, which reads the same disk as the others, with what each of them serves."""
    told = found.model_dump()
    if not state.settings.versions_over_http:
        told |= {"writable": False, "why_not": _OFF.format("activate", f"{service} VERSION")}
    instances = [
        InstanceVersion(id=one.instance.id, version=one.instance.version, notice=one.instance.notice)
        for one in state.monitor.fleet.of(service)
    ]
    return ModelVersions(**told, model=state.model_of(service), instances=instances)
