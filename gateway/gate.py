"""The door: before anything of a request's body is read, it is known who asks, and that there is room for it.

Every path is behind it unless it is named here, so a new route cannot be left open by mistake.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from ipaddress import ip_address, ip_network

from limits import RateLimitItem
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.active import ActiveCallers
from gateway.admission.places import Places
from gateway.admission.rates import RateLimits
from gateway.auth.authenticator import Authenticator
from gateway.auth.caller import Caller
from gateway.refusals import Refuse
from shared.errors import DoctorAIError, RateLimited

HEALTH = ("/api/health", "/livez", "/readyz", "/metrics")
"""What orchestrators and scrapers ask."""
_SIGN_IN = ("/api/token", "/api/token/refresh")
_SESSION = ("/api/session", "/api/session/refresh")
"""Opened by a password or the page's cookie."""
_DOCUMENTS = ("/docs", "/redoc", "/openapi.json")
_PUBLIC = frozenset((*HEALTH, *_SIGN_IN, *_SESSION, *_DOCUMENTS))
_ASSETS = "/static-offline-docs/"
"""The scripts of the documentation's pages."""
_SHARE = 0.75
"""Of all places, how many one caller may hold."""


def is_public(path: str) -> bool:
    """True for what is answered without a credential. ``/metrics`` looks for its own."""
    return path in _PUBLIC or path.startswith(_ASSETS)


class Gate:
    """ASGI middleware: puts the Caller into ``request.state.caller``, or answers 401, 429 or 503."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        authenticator: Authenticator,
        rates: RateLimits,
        places: Places,
        refuse: Refuse,
        active: ActiveCallers,
        per_user: RateLimitItem,
        per_address: RateLimitItem,
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._rates = rates
        self._places = places
        self._refuse = refuse
        self._active = active
        self._per_user = per_user
        self._per_address = per_address
        self._in_hand: Counter[str] = Counter()
        self._share = math.ceil(places.size * _SHARE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as held:
            try:
                caller = scope.setdefault("state", {})["caller"] = await self._admit(scope)
                held.enter_context(self._count(caller))
                await held.enter_async_context(self._places.take())
            except DoctorAIError as error:
                await self._refuse(error)(scope, receive, send)
                return
            await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> Caller:
        await self._rates.hit(self._per_address, "address", network_of(scope))
        caller = await self._authenticator.caller_of(Headers(scope=scope))
        self._active.saw(caller.id)
        await self._rates.hit(self._per_user, "user", caller.id)
        return caller

    @contextmanager
    def _count(self, caller: Caller) -> Iterator[None]:
        """Raises RateLimited for one who has their share of the places: slow bodies must not shut the others out."""
        if self._in_hand[caller.id] >= self._share:
            detail = f"You have {self._share} requests in hand, as many as one caller may; try again shortly."
            raise RateLimited(detail, headers={"Retry-After": "1"}, scope="caller")
        self._in_hand[caller.id] += 1
        try:
            yield
        finally:
            self._in_hand[caller.id] -= 1
            if not self._in_hand[caller.id]:
                del self._in_hand[caller.id]


def address_of(scope: Scope) -> str:
    """The address that the request came from; a trusted proxy's word for it has been taken in before."""
    client = scope.get("client")
    return client[0] if client else "unknown"


def network_of(scope: Scope) -> str:
    """Whom limits count as one: an IPv4 address, or the /64 of an IPv6 one, whose rest a host chooses itself."""
    address = address_of(scope)
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(parsed.ipv4_mapped or ip_network((int(parsed), 64), strict=False))
