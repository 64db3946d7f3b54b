"""Which of the service's bundles is served, told and chosen: what the gateway asks for an administrator.

Only what lies on the disk can be chosen, and only with whole files; nothing is uploaded.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel

from shared.catalogue import Catalogue
from shared.errors import BundleError, Conflict
from shared.http.document import refusals
from shared.logs import get_logger
from shared.manifest import Version
from shared.service.operable import Operable
from shared.versions import ServiceVersions

router = APIRouter(prefix="/versions")
_log = get_logger(__name__)


class Activation(BaseModel):
    """What is to be served."""

    version: Version


@router.get("")
async def versions(request: Request) -> ServiceVersions:
    """The versions that there are, and what is chosen of them."""
    return await asyncio.to_thread(_told, request.app.state.service)


@router.post("/activate", responses=refusals(404, 409))
async def activate(request: Request, asked: Activation) -> ServiceVersions:
    """Serves a version from now on; this instance and the others on the same disk follow within seconds."""
    return await asyncio.to_thread(_change, request.app.state.service, asked.version)


def _catalogue(state: Operable) -> Catalogue:
    return Catalogue(state.settings.model_path, state.definition.service, state.settings.serving_path)


def _told(state: Operable) -> ServiceVersions:
    catalogue, pinned, why_not = _catalogue(state), state.settings.model_version, _why_not(state, "VERSION")
    try:
        chosen = catalogue.serving()
    except BundleError:  # the instances say so; to choose anew replaces it
        chosen = catalogue.highest()
    return ServiceVersions(
        service=catalogue.service,
        active=pinned or (chosen.active if chosen else None),
        previous=chosen.previous if chosen else None,
        canary=chosen.canary if chosen else None,
        shadow=chosen.shadow if chosen else None,
        pinned=pinned,
        writable=why_not is None,
        why_not=why_not,
        versions=catalogue.states(),
    )


def _change(state: Operable, version: str) -> ServiceVersions:
    catalogue = _catalogue(state)
    if why_not := _why_not(state, version):
        raise Conflict(f"{why_not}.")
    try:
        chosen = catalogue.activate(version)
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
