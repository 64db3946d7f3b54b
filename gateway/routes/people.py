"""Accounts, for administrators."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from gateway.auth.caller import Role
from gateway.auth.store import Account, now
from gateway.policy import Identifier, SignedIn, needs
from gateway.routes.account import NewPassword
from gateway.settings import USERNAME
from gateway.state import GatewayState, state_of
from shared.errors import Conflict, NotFound, ValidationFailed
from shared.http.document import refusals

router = APIRouter(prefix="/api/users", tags=["users"])


class User(BaseModel):
    id: str
    username: str
    role: Role
    disabled: bool
    created: datetime
    last_sign_in: datetime | None


class Users(BaseModel):
    users: list[User]


class NewUser(BaseModel):
    """With a password, or with the hash (bcrypt, argon2) that another system kept of one."""

    username: str = Field(pattern=USERNAME)
    role: Role = "clinician"
    password: NewPassword | None = None
    password_hash: str | None = Field(default=None, max_length=256)

    @model_validator(mode="after")
    def _one(self) -> NewUser:
        if (self.password is None) == (self.password_hash is None):
            raise ValueError("either password or password_hash is wanted")
        return self


class UserChange(BaseModel):
    role: Role | None = None
    disabled: bool | None = None
    password: NewPassword | None = None


@router.get("", summary="All accounts", **needs("admin"))
async def users(request: Request) -> Users:
    return Users(users=[_shown(account) for account in await state_of(request).store.accounts()])


@router.post("", summary="Add an account", status_code=201, **needs("admin", responses=refusals(409)))
async def add(request: Request, user: NewUser, caller: SignedIn) -> User:
    state, identifier = state_of(request), uuid.uuid4().hex
    with state.trail.entry(request, "user_create", target=identifier):
        account = Account(
            id=identifier,
            username=user.username,
            password_hash=await _hash(state, user),
            role=user.role,
            created=now(),
        )
        await state.store.add_account(account)
    return _shown(account)


@router.get("/{identifier}", summary="One account", **needs("admin"))
async def user(request: Request, identifier: Identifier) -> User:
    return _shown(await _account(state_of(request), identifier))


@router.patch("/{identifier}", summary="Change an account", **needs("admin", responses=refusals(409)))
async def change(request: Request, identifier: Identifier, asked: UserChange, caller: SignedIn) -> User:
    """A new password, or taking the account away, ends its sessions; taking it away, or making it less than an
    administrator's, ends the keys that it made. Each gateway sees it within five seconds."""
    state = state_of(request)
    with state.trail.entry(request, "user_update", target=identifier):
        ends_as_admin = bool(asked.disabled) or asked.role not in (None, "admin")
        if identifier == caller.id and ends_as_admin:
            raise Conflict("You cannot take away your own access; another administrator can.")
        changes: dict[str, Any] = asked.model_dump(exclude_none=True, exclude={"password"})
        if asked.password is not None:
            changes["password_hash"] = await state.passwords.hash(asked.password)
        end_sessions = asked.password is not None or bool(asked.disabled)
        changed = await state.store.change_account(identifier, end_sessions=end_sessions, **changes)
        if changed is None:
            raise NotFound("There is no such user.")
        state.authenticator.changed(identifier, changed)
        if ends_as_admin:
            await _end_keys(state, identifier)
    return _shown(changed)


@router.delete("/{identifier}", summary="Remove an account", status_code=204, **needs("admin", responses=refusals(409)))
async def remove(request: Request, identifier: Identifier, caller: SignedIn) -> None:
    """The keys that it made end with it."""
    state = state_of(request)
    with state.trail.entry(request, "user_delete", target=identifier):
        if identifier == caller.id:
            raise Conflict("You cannot remove yourself; another administrator can.")
        account = await _account(state, identifier)
        # the keys first: were this cut off, it could be asked for again
        await _end_keys(state, identifier)
        await state.store.remove_account(account)
        state.authenticator.changed(identifier, None)


async def _end_keys(state: GatewayState, owner: str) -> None:
    for key in await state.store.api_keys():
        if key.owner == owner:
            await state.store.remove_api_key(key.id)
            state.authenticator.forget_key(key.id)


async def _hash(state: GatewayState, user: NewUser) -> str:
    if user.password is not None:
        return await state.passwords.hash(user.password)
    if user.password_hash is None or not state.passwords.known(user.password_hash):
        raise ValidationFailed("body.password_hash: a bcrypt or an argon2 hash is wanted.")
    return user.password_hash


async def _account(state: GatewayState, identifier: str) -> Account:
    account = await state.store.account(identifier)
    if account is None:
        raise NotFound("There is no such user.")
    return account


def _shown(account: Account) -> User:
    return User.model_validate(account.model_dump())
