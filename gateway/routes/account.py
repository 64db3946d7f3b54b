"""Signing in and out, and one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field

from gateway.auth.caller import Method, Role
from gateway.auth.sign_in import NO_GRACE, TokenPair
from gateway.gate import network_of
from gateway.outcome import outcome
from gateway.policy import SignedIn, needs
from gateway.settings import LONGEST_PASSWORD, SHORTEST_PASSWORD, rate
from gateway.state import GatewayState, state_of
from shared.errors import Forbidden

router = APIRouter(tags=["account"])
NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


class PasswordForm(BaseModel):
    """OAuth2's password grant."""

    username: str = Field(min_length=1, max_length=128)
    password: str = Field(min_length=1, max_length=4096)
    grant_type: Literal["password"] = "password"


class RefreshForm(BaseModel):
    """OAuth2's refresh grant."""

    refresh_token: str = Field(max_length=512)
    grant_type: Literal["refresh_token"] = "refresh_token"


class Me(BaseModel):
    """``models``: those that an API key is for; null for all."""

    id: str
    username: str
    role: Role
    method: Method
    models: list[str] | None


class PasswordChange(BaseModel):
    current: str = Field(max_length=4096)
    new: NewPassword


@router.post("/api/token", summary="Sign in")
async def sign_in(request: Request, form: Annotated[PasswordForm, Form()]) -> TokenPair:
    """A user name and a password for a pair of tokens. What is wrong is not told; five failures bring a pause."""
    return await open_session(request, form)


async def open_session(request: Request, form: PasswordForm) -> TokenPair:
    """A sign-in, admitted, counted and audited."""
    state, address = state_of(request), network_of(request.scope)
    with outcome(lambda word: state.metrics.sign_ins.labels(word.lower()).inc()):
        await _admit(state, address)
        with state.trail.entry(request, "sign_in", method="password") as entry:
            pair, account = await state.sign_in.with_password(form.username, form.password, address)
            entry.note(subject=account.id, role=account.role)
    return pair


@router.post("/api/token/refresh", summary="Go on without a password")
async def refresh(request: Request, form: Annotated[RefreshForm, Form()]) -> TokenPair:
    """A refresh token for the next pair. Each is good once: a second use ends the whole family, as one was stolen."""
    state = state_of(request)
    await _admit(state, network_of(request.scope))
    return await go_on(request, form.refresh_token)


async def go_on(request: Request, token: str, grace: timedelta = NO_GRACE) -> TokenPair:
    """A refresh, audited; what names no session is turned away without a line: anybody can make that up."""
    state = state_of(request)
    session, secret = await state.sign_in.known(token)
    with state.trail.entry(request, "refresh", method="token", subject=session.account) as entry:
        pair, account = await state.sign_in.refresh(session, secret, grace=grace)
        entry.note(role=account.role)
    return pair


@router.post("/api/logout", summary="Sign out", status_code=204, **needs("viewer"))
async def sign_out(request: Request, caller: SignedIn) -> None:
    """Ends the access token and its refresh tokens."""
    state = state_of(request)
    with state.trail.entry(request, "sign_out"):
        if caller.session is None:
            raise Forbidden("Only a sign-in with a password can be ended here.", scope="credential")
        await state.sign_in.end(caller.session)
        state.authenticator.end(caller.session)


@router.get("/api/me", summary="Who I am", **needs("viewer"))
async def me(caller: SignedIn) -> Me:
    models = sorted(caller.models) if caller.models is not None else None
    return Me(id=caller.id, username=caller.username, role=caller.role, method=caller.method, models=models)


@router.put("/api/me/password", summary="Change my password", status_code=204, **needs("viewer"))
async def change_password(request: Request, change: PasswordChange, caller: SignedIn) -> None:
    """Ends every session of the account, this one, too."""
    state, address = state_of(request), network_of(request.scope)
    with state.trail.entry(request, "user_update", target=caller.id):
        account = await state.store.account(caller.id) if caller.session else None
        if account is None:
            raise Forbidden("This account has no password here.", scope="credential")
        await _admit(state, address)
        await state.sign_in.confirm(account, change.current, address)
        renewed = await state.passwords.hash(change.new)
        changed = await state.store.change_account(account.id, end_sessions=True, password_hash=renewed)
        state.authenticator.changed(account.id, changed)


async def _admit(state: GatewayState, address: str) -> None:
    """Raises RateLimited for an address that tries too often."""
    await state.rates.hit(rate(state.settings.rate_limit_sign_in), "sign_in", address)
