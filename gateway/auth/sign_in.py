"""Signs people in and out: a password for a pair of tokens, a refresh token for the next pair."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from gateway.auth.lockout import Lockout
from gateway.auth.opaque import SECRET, digest, new_secret, secret_of
from gateway.auth.passwords import Passwords
from gateway.auth.store import Account, Session, Store, now
from gateway.auth.tokens import AccessTokens, not_accepted
from gateway.settings import LONGEST_PASSWORD
from shared.errors import Unauthorized

_REFRESH = re.compile(rf"dar_([0-9a-f]{{32}})_{SECRET}")
_FAMILY = timedelta(days=90)
"""The longest that refreshing goes on without a password."""
GRACE = timedelta(seconds=10)
"""For the cookie alone: two tabs of one browser refresh at once, or a page is loaded again before the answer came."""
NO_GRACE = timedelta(0)


class TokenPair(BaseModel):
    """``expires_in``: seconds until the access token ends."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - OAuth2's word
    expires_in: int


class SignIn:
    """OAuth2's password and refresh grants. Raises SignInUnavailable when accounts cannot be read."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords,
        tokens: AccessTokens,
        lockout: Lockout,
        refresh_lifetime: timedelta,
        keyed_digest: Callable[..., str],
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._lockout = lockout
        self._refresh_lifetime = refresh_lifetime
        self._keyed_digest = keyed_digest

    async def with_password(self, username: str, password: str, address: str) -> tuple[TokenPair, Account]:
        """Raises Unauthorized with the same words, after the same time, whatever was wrong; RateLimited in a pause."""
        account = await self._store.account_named(username)
        account, renewed = await self._check(username, account, password, address)
        changes: dict[str, Any] = {"last_sign_in": now()} | ({"password_hash": renewed} if renewed else {})
        current = await self._store.change_account(account.id, epoch=account.epoch, **changes)
        if current is None or current.disabled:  # changed while the password was checked
            raise _wrong()
        return await self._open(current), current

    async def confirm(self, account: Account, password: str, address: str) -> None:
        """Raises Unauthorized, or RateLimited, as for a sign-in."""
        await self._check(account.username, account, password, address)

    async def refresh(self, session: Session, used: str, *, grace: timedelta = NO_GRACE) -> tuple[TokenPair, Account]:
        """The next pair for a family and a secret that are `known`. A token that was used before ends its whole family:
        one of its two users stole it.

        In the ``grace`` after its use it gives the same refresh token once more: its user did not get it, or twice.
        """
        account = await self._store.account(session.account)
        if not account:
            raise not_accepted("refresh")
        secret, successor = self._successor(session, used)
        outcome = await self._store.rotate(session.id, digest(used), successor, grace.total_seconds())
        if outcome not in ("rotated", "again"):
            raise not_accepted("refresh")
        if account.disabled or account.epoch != session.epoch:
            await self._store.end_session(session.id)
            raise not_accepted("refresh")
        return self._pair(account, session.id, secret), account

    async def end(self, session: str) -> None:
        """Signs out: neither token of the family is good any more."""
        await self._store.end_session(session)

    async def known(self, token: str) -> tuple[Session, str]:
        """The family that ``token`` names, and its secret, good or not. Raises Unauthorized when there is none."""
        found = _REFRESH.fullmatch(token)
        session = await self._store.session(found[1]) if found else None
        if not found or not session:
            raise not_accepted("refresh")
        return session, found[2]

    def check(self, session: Session, secret: str) -> None:
        """Raises Unauthorized for a ``secret`` that is not the newest of its family, or the one before."""
        if digest(secret) not in (session.current, session.previous):
            raise not_accepted("refresh")

    async def _check(
        self, username: str, account: Account | None, password: str, address: str
    ) -> tuple[Account, str | None]:
        await self._lockout.check(username, address)
        stored = account.password_hash if account else None
        right, renewed = await self._passwords.verify(password[: LONGEST_PASSWORD + 1], stored)
        await self._lockout.check(username, address)  # again: guesses that are made beside each other count, too
        if not account or not right or account.disabled:
            await self._lockout.failed(username, address)
            raise _wrong()
        await self._lockout.succeeded(username, address)
        return account, renewed

    async def _open(self, account: Account) -> TokenPair:
        secret, at = new_secret(), now()
        session = Session(
            id=uuid.uuid4().hex,
            account=account.id,
            current=digest(secret),
            epoch=account.epoch,
            created=at,
            expires=at + self._refresh_lifetime,
        )
        await self._store.put_session(session)
        return self._pair(account, session.id, secret)

    def _successor(self, session: Session, used: str) -> tuple[str, Session]:
        """Made of the token ``used``, which nobody but us can: who shows it again in the grace gets the same one."""
        secret, at = secret_of(self._keyed_digest("successor", session.id, used)), now()
        expires = min(at + self._refresh_lifetime, session.created + _FAMILY)
        changes = {"previous": digest(used), "rotated": at.timestamp(), "current": digest(secret), "expires": expires}
        return secret, session.model_copy(update=changes)

    def _pair(self, account: Account, session: str, secret: str) -> TokenPair:
        return TokenPair(
            access_token=self._tokens.issue(account, session),
            refresh_token=f"dar_{session}_{secret}",
            expires_in=int(self._tokens.lifetime.total_seconds()),
        )


def _wrong() -> Unauthorized:
    detail = "The user name or the password is wrong."
    return Unauthorized(detail, headers={"WWW-Authenticate": "Bearer"}, scope="password")
