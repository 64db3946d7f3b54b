"""Makes the first account, so that somebody can make the others."""

from __future__ import annotations

import asyncio
import contextlib
import uuid

from tenacity import AsyncRetrying, retry_if_exception_type, wait_fixed

from gateway.auth.passwords import Passwords
from gateway.auth.store import Account, Store, now
from gateway.settings import GatewaySettings
from shared.errors import Conflict, SignInUnavailable
from shared.logs import get_logger
from shared.tasks import end_task

_log = get_logger(__name__)
_AGAIN_S = 1.0


class FirstAdmin:
    """ADMIN_USERNAME with ADMIN_PASSWORD, only while there is no account at all: one that an administrator removed
    must not come back with the next start."""

    def __init__(self, settings: GatewaySettings, store: Store, passwords: Passwords) -> None:
        self._settings = settings
        self._store = store
        self._passwords = passwords
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Makes it, or goes on trying until Redis answers."""
        if self._settings.admin_password is None:
            return
        try:
            await self._make(self._settings.admin_password.get_secret_value())
        except SignInUnavailable:
            self._task = asyncio.create_task(self._keep_trying(self._settings.admin_password.get_secret_value()))

    async def stop(self) -> None:
        await end_task(self._task)

    async def _keep_trying(self, password: str) -> None:
        again = AsyncRetrying(wait=wait_fixed(_AGAIN_S), retry=retry_if_exception_type(SignInUnavailable))
        await again(self._make, password)

    async def _make(self, password: str) -> None:
        if await self._store.any_account():
            return
        account = Account(
            id=uuid.uuid4().hex,
            username=self._settings.admin_username,
            password_hash=await self._passwords.hash(password),
            role="admin",
            created=now(),
        )
        with contextlib.suppress(Conflict):  # another gateway was faster
            await self._store.add_account(account)
            _log.info("first_admin_made", account=account.id)
