"""Which of the service's bundles is served, told and chosen: what the gateway asks for an administrator.

Only what lies on the disk can be chosen, and only with whole files; nothing is uploaded.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from shared.catalogue import Catalogue
from shared.errors import Conflict
from shared.http.deadline import Deadline, request_deadline
from shared.http.document import refusals
from shared.logs import get_logger
from shared.manifest import Version
from shared.service.operable import Operable
from shared.versions import ServiceVersions

router = APIRouter(prefix="/versions")
_log = get_logger(__name__)


class Activation(BaseModel):
    """What is to be served; ``revision``: of the choice that it replaces."""

    version: Version
    revision: str | None = Field(default=None, max_length=64)


@router.get("")
async def versions(request: Request) -> ServiceVersions:
    """The versions that there are, and what is chosen of them."""
    return await asyncio.to_thread(_told, request.app.state.service)


@router.post("/activate", responses=refusals(404, 409, 504))
async def activate(request: Request, asked: Activation) -> ServiceVersions:
    """Serves a version from now on; this instance and the others on the same disk follow within seconds."""
    state: Operable = request.app.state.service
    deadline = request_deadline(request, state.settings.request_timeout_s)
    return await asyncio.to_thread(_change, state, asked, deadline)


def _catalogue(state: Operable) -> Catalogue:
    return Catalogue(state.settings.model_path, state.definition.service, state.settings.serving_path)


def _told(state: Operable) -> ServiceVersions:
    catalogue, pinned, why_not = _catalogue(state), state.settings.model_version, _why_not(state, "VERSION")
    chosen = catalogue.standing()  # of one that cannot be read the instances tell
    return ServiceVersions(
        service=catalogue.service,
        active=pinned or (chosen.active if chosen else None),
        previous=chosen.previous if chosen else None,
        canary=chosen.canary if chosen else None,
        shadow=chosen.shadow if chosen else None,
        pinned=pinned,
        writable=why_not is None,
        why_not=why_not,
        revision=_revision(catalogue),
        versions=catalogue.states(),
    )


def _revision(catalogue: Catalogue) -> str:
    try:
        return catalogue.revision
    except OSError:  # a choice that cannot be read; to choose anew replaces it
        return ""


def _change(state: Operable, asked: Activation, deadline: Deadline) -> ServiceVersions:
    """Nothing is changed for a caller who was told by then that it was too late."""
    catalogue, version = _catalogue(state), asked.version
    if why_not := _why_not(state, version):
        raise Conflict(f"{why_not}.")
    try:
        chosen = catalogue.activate(version, asked.revision, deadline.check)
    except OSError as error:
        raise Conflict(f"{_cannot_write(state, version)} ({error.strerror}).") from error
    _log.info("version_chosen", service=catalogue.service, version=chosen.active, previous=chosen.previous)
    return _told(state)


def _why_not(state: Operable, version: str) -> str | None:
    """Why nothing can be chosen here, and how it is done instead."""
    if pinned := state.settings.model_version:
        return f"MODEL_VERSION={pinned} is set for this service, and wins: change it there, and restart"
    return None if _catalogue(state).writable else _cannot_write(state, version)


def _cannot_write(state: Operable, version: str) -> str:
    command = f"doctorai models activate {state.definition.service} {version}"
    return f"The service can only read its models: use `{command}` where their folder can be written"
