"""Sessions of the page: the refresh token is in a cookie that no script can read, and no other site can use."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from gateway.auth.session_cookie import cleared, put, shown
from gateway.auth.sign_in import GRACE, TokenPair
from gateway.auth.store import Session
from gateway.gate import network_of
from gateway.routes.account import PasswordForm, go_on, open_session
from gateway.settings import rate
from gateway.state import GatewayState, state_of
from shared.errors import Forbidden, RateLimited, SignInUnavailable, Unauthorized

_HEADER = "X-DoctorAI-Page"


async def _of_the_page(request: Request) -> None:
    """Raises Forbidden for what a form or a script of another site could send."""
    if request.headers.get(_HEADER) != "1":
        raise Forbidden(f"Sessions are for the page, which sends {_HEADER}: 1.", scope="credential")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Forbidden("Sessions are for the page of this address alone.", scope="credential")


_DOCUMENTED = {
    "name": _HEADER,
    "in": "header",
    "required": True,
    "description": "says that it is the page; a browser lets no other site send it",
    "schema": {"const": "1", "type": "string"},
}
router = APIRouter(prefix="/api/session", tags=["account"], dependencies=[Depends(_of_the_page)])


class PageToken(BaseModel):
    """``expires_in``: seconds until the access token ends. The refresh token is in the cookie."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - OAuth2's word
    expires_in: int


@router.post("", summary="Sign in to the page", openapi_extra={"parameters": [_DOCUMENTED]})
async def start(request: Request, response: Response, form: Annotated[PasswordForm, Form()]) -> PageToken:
    """As `POST /api/token`; the refresh token comes as a cookie, `doctorai_session`, that only these calls get.
    The session of a cookie that is there already ends."""
    pair = await open_session(request, form)
    await _end_former(state_of(request), request)
    return _give(request, response, pair)


@router.post("/refresh", summary="Go on with the page", openapi_extra={"parameters": [_DOCUMENTED]})
async def refresh(request: Request, response: Response) -> PageToken:
    """The cookie for an access token and the next cookie. A cookie that was used before ends the session, but for
    ten seconds: two tabs may refresh at once."""
    await _admit(state_of(request), request)
    cookie = shown(request)
    if cookie is None:
        raise Unauthorized("There is no session: sign in.", headers={"WWW-Authenticate": "Bearer"}, scope="none")
    try:
        pair = await go_on(request, cookie, GRACE)
    except Unauthorized as error:
        error.headers["Set-Cookie"] = cleared(request)
        raise
    return _give(request, response, pair)


@router.delete("", summary="Sign out of the page", status_code=204, openapi_extra={"parameters": [_DOCUMENTED]})
async def end(request: Request, response: Response) -> None:
    """Ends the session with all its tokens, and removes the cookie; there need not be one. Above the limit, and
    while Redis is away, the cookie goes alone; of two cookies (401) both sessions stay."""
    state, cookie = state_of(request), shown(request)
    response.headers["Set-Cookie"] = cleared(request)
    if cookie is not None:
        # gone from this browser, whatever becomes of the rest
        with suppress(Unauthorized, SignInUnavailable, RateLimited):
            await _admit(state, request)
            await _end(state, request, *await state.sign_in.known(cookie))


async def _end_former(state: GatewayState, request: Request) -> None:
    """Its cookie is about to be replaced in the browser: nobody could end that session any more."""
    with suppress(Unauthorized, SignInUnavailable):
        cookie = shown(request)
        if cookie is not None:
            known = await state.sign_in.known(cookie)
            state.sign_in.check(*known)  # one that is no longer good is worth no line
            await _end(state, request, *known)


async def _end(state: GatewayState, request: Request, session: Session, secret: str) -> None:
    """Of a session that is known: what names none is worth no line, as anybody can make that up."""
    with state.trail.entry(request, "sign_out", method="token", subject=session.account):
        state.sign_in.check(session, secret)
        await state.sign_in.end(session.id)
        state.authenticator.end(session.id)


async def _admit(state: GatewayState, request: Request) -> None:
    """Raises RateLimited. Not the limit of sign-ins: every load of the page comes here, of a whole house at eight."""
    await state.rates.hit(rate(state.settings.rate_limit_ip), "address", network_of(request.scope))


def _give(request: Request, response: Response, pair: TokenPair) -> PageToken:
    put(request, response, pair.refresh_token)
    return PageToken(access_token=pair.access_token, expires_in=pair.expires_in)
