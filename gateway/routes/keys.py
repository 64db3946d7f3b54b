"""Keys for machines, for administrators."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from gateway.auth.api_keys import new_key
from gateway.auth.caller import KeyRole
from gateway.auth.store import ApiKey
from gateway.policy import Identifier, SignedIn, needs
from gateway.state import state_of
from shared.errors import NotFound
from shared.http.document import refusals

router = APIRouter(prefix="/api/keys", tags=["keys"])


class Key(BaseModel):
    """``models`` null: all; ``owner``: the account that made it."""

    id: str
    name: str
    role: KeyRole
    models: list[str] | None
    owner: str
    created: datetime
    expires: datetime | None
    last_used: datetime | None


class Keys(BaseModel):
    keys: list[Key]


class NewKey(BaseModel):
    name: str = Field(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")
    role: KeyRole = Field(default="clinician", description="a key administers nothing")
    models: list[str] | None = Field(default=None, max_length=64, description="those that it is for; null for all")
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class MadeKey(Key):
    """``key`` is shown this once; only its digest is kept."""

    key: str


@router.get("", summary="All keys", **needs("admin"))
async def keys(request: Request) -> Keys:
    return Keys(keys=[_shown(key) for key in await state_of(request).store.api_keys()])


@router.post("", summary="Make a key", status_code=201, **needs("admin", responses=refusals(404)))
async def make(request: Request, asked: NewKey, caller: SignedIn) -> MadeKey:
    state = state_of(request)
    models = [state.model_of(state.service_of(name)) for name in asked.models] if asked.models is not None else None
    lifetime = timedelta(days=asked.expires_in_days) if asked.expires_in_days else None
    record, key = new_key(asked.name, asked.role, caller.id, models=models, lifetime=lifetime)
    with state.trail.entry(request, "key_create", target=record.id):
        await state.store.put_api_key(record)
        state.authenticator.know(record)
    return MadeKey(**_shown(record).model_dump(), key=key)


@router.delete("/{identifier}", summary="End a key", status_code=204, **needs("admin"))
async def end(request: Request, identifier: Identifier) -> None:
    """Each gateway sees it within five seconds."""
    state = state_of(request)
    with state.trail.entry(request, "key_revoke", target=identifier):
        removed = await state.store.remove_api_key(identifier)
        state.authenticator.forget_key(identifier)
        if not removed:
            raise NotFound("There is no such key.")


def _shown(key: ApiKey) -> Key:
    return Key.model_validate(key.model_dump())
