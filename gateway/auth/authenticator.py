"""Finds out who sent a request: by a token of ours, a key for machines, or another issuer's token.

What Redis said of an account, a session or a key is believed for a few seconds; when Redis does not answer, a token
of ours stands by its signature, and a key by what was last known of it: predictions go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Generic, TypeVar

import jwt
from starlette.datastructures import Headers

from gateway.auth.api_keys import KEY, touch, verify_key
from gateway.auth.caller import Caller
from gateway.auth.oidc import OidcVerifier
from gateway.auth.store import Account, ApiKey, Session, Store
from gateway.auth.tokens import LONGEST_TOKEN, AccessTokens, Claims, not_accepted
from shared.errors import SignInUnavailable, Unauthorized
from shared.redis import REDIS_ERRORS, RedisGuard, heed_cancellation
from shared.tasks import end_task

BELIEVED_S = 5.0
"""How long a change of an account or key may take to be seen by another gateway."""
_LEARN_S = 10.0
_KEPT = 10_000
T = TypeVar("T")


class Recent(Generic[T]):
    """What was found of late, by id."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, T]] = {}

    def fresh(self, name: str) -> T | None:
        at, value = self._found.get(name, (0.0, None))
        return value if time.monotonic() - at < BELIEVED_S else None

    def any(self, name: str) -> T | None:
        """However old."""
        return self._found[name][1] if name in self._found else None

    def put(self, name: str, value: T) -> T:
        if name not in self._found and len(self._found) >= _KEPT:
            self._found.pop(next(iter(self._found)))
        self._found[name] = (time.monotonic(), value)
        return value

    def forget(self, name: str) -> None:
        self._found.pop(name, None)

    def values(self) -> list[tuple[str, T]]:
        return [(name, value) for name, (_, value) in self._found.items()]

    def replace(self, found: dict[str, T]) -> None:
        """These, read just now, and no others."""
        at = time.monotonic()
        self._found = {name: (at, value) for name, value in list(found.items())[:_KEPT]}


class Authenticator:
    """``caller_of`` is asked for every request that is not public."""

    def __init__(self, store: Store, guard: RedisGuard, tokens: AccessTokens, oidc: OidcVerifier | None) -> None:
        self._store = store
        self._guard = guard
        self._tokens = tokens
        self._oidc = oidc
        self._standings: Recent[tuple[Account | None, Session | None]] = Recent()
        self._keys: Recent[ApiKey] = Recent()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._learn_keys())

    async def stop(self) -> None:
        await end_task(self._task)

    def know(self, key: ApiKey) -> None:
        """A key that was made just now."""
        self._keys.put(key.id, key)

    async def caller_of(self, headers: Headers) -> Caller:
        """Raises Unauthorized for no, a bad or an expired credential; SignInUnavailable when it cannot be verified."""
        credential = _credential(headers)
        if found := KEY.fullmatch(credential):
            return await self._by_key(found[1], found[2])
        if self._oidc and _issuer(credential) == self._oidc.issuer:
            return await self._oidc.verify(credential)
        return await self._by_token(self._tokens.verify(credential))

    def forget_key(self, key: str) -> None:
        """Looks at it anew from the next request on."""
        self._keys.forget(key)

    def end(self, session: str) -> None:
        """A session that is over, whether or not Redis answers the next request."""
        self._standings.put(session, (None, None))

    def changed(self, identifier: str, account: Account | None) -> None:
        """What became of an account just now: its sessions stand by that from the next request on."""
        for name, (known, session) in self._standings.values():
            if known and known.id == identifier:
                self._standings.put(name, (account, session))

    async def _learn_keys(self) -> None:
        """All of them, again and again: one that was never shown here must be good, too, once Redis is gone."""
        while True:
            with contextlib.suppress(SignInUnavailable):
                self._keys.replace({key.id: key for key in await self._store.api_keys()})
            heed_cancellation()
            await asyncio.sleep(_LEARN_S)

    async def _by_token(self, claims: Claims) -> Caller:
        standing = self._standings.fresh(claims.session)
        if standing is None:
            try:
                found = await self._guard.run(lambda: self._store.standing(claims.account, claims.session))
                standing = self._standings.put(claims.session, found)
            except REDIS_ERRORS:
                standing = self._standings.any(claims.session)
        if standing is None:
            return Caller(claims.account, claims.username, claims.role, "token", session=claims.session)
        account, session = standing
        if not account or not session or account.disabled or account.epoch != claims.epoch:
            raise not_accepted()
        if not account.id == session.account == claims.account:
            raise not_accepted()
        return Caller(account.id, account.username, account.role, "token", session=session.id)

    async def _by_key(self, identifier: str, secret: str) -> Caller:
        record = self._keys.fresh(identifier)
        if record is None:
            record = await self._look_up(identifier)
        caller = verify_key(record, secret)
        if record:
            with contextlib.suppress(SignInUnavailable, *REDIS_ERRORS):  # when it was used is not worth a request
                await self._guard.run(lambda: touch(self._store, record))
        return caller

    async def _look_up(self, identifier: str) -> ApiKey | None:
        try:
            record = await self._guard.run(lambda: self._store.api_key(identifier))
        except REDIS_ERRORS as error:
            known = self._keys.any(identifier)
            if known is None:
                detail = "The key cannot be verified at the moment: Redis does not answer."
                raise SignInUnavailable(detail, headers={"Retry-After": "2"}) from error
            return known
        if record is None:
            self._keys.forget(identifier)
            return None
        return self._keys.put(identifier, record)


def _credential(headers: Headers) -> str:
    """What comes in ``Authorization: Bearer …`` or ``X-API-Key``."""
    given = headers.getlist("authorization")
    keys = headers.getlist("x-api-key")
    if len(given) + len(keys) != 1:
        # who shows nothing has not tried to get in: a page before its sign-in, a probe
        scope = "credential" if given or keys else "none"
        raise Unauthorized("Sign in first: POST /api/token.", headers={"WWW-Authenticate": "Bearer"}, scope=scope)
    scheme, _, credential = given[0].partition(" ") if given else ("bearer", "", keys[0])
    if scheme.lower() != "bearer" or not credential or len(credential) > LONGEST_TOKEN:
        raise not_accepted()
    return credential.strip()


def _issuer(token: str) -> object:
    """Who the token says has made it; to choose whose keys to verify it with, and for nothing else."""
    try:
        return jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError, AttributeError):
        return None
