"""Hashes passwords with argon2id, and verifies the original system's bcrypt hashes, too."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from gateway.admission.places import Places

_AT_ONCE, _WAITING, _PATIENCE_S = 2, 64, 10.0  # an argon2 hash takes 64 MB
_BCRYPT_COST, _ARGON2_KIB, _ARGON2_PASSES = 15, 1024 * 1024, 16
"""The most of a hash that comes from elsewhere: one that takes an hour would keep everybody from signing in."""
_BCRYPT_READS = 72  # bytes; the rest never counted, and the library now refuses what earlier ones cut off


class Passwords:
    """Slow on purpose, so it works in threads, few at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(), BcryptHasher()))
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._places = Places("Sign-in", _AT_ONCE, queue=_WAITING, patience_s=_PATIENCE_S, scope="sign_in")

    async def hash(self, password: str) -> str:
        async with self._places.take():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether it matches, and a hash to store instead where ``stored`` is an old kind.

        None for ``stored``, an account that is not there, takes as long as one that is.
        """
        async with self._places.take():
            right, renewed = await asyncio.to_thread(self._verify, password, stored or self._nobody)
        return (right, renewed) if stored else (False, None)

    def known(self, stored: str) -> bool:
        """True for a hash that can be verified, and in a time and memory that a sign-in may take."""
        if stored != stored.strip():
            return False
        if BcryptHasher.identify(stored):
            return int(stored.split("$")[2]) <= _BCRYPT_COST
        try:
            costs = extract_parameters(stored)
        except InvalidHashError:
            return False
        return costs.memory_cost <= _ARGON2_KIB and costs.time_cost <= _ARGON2_PASSES

    def _verify(self, password: str, stored: str) -> tuple[bool, str | None]:
        given = password.encode()[:_BCRYPT_READS] if BcryptHasher.identify(stored) else password
        try:
            right, renewed = self._hasher.verify_and_update(given, stored)
        except (PwdlibError, ValueError):
            return False, None
        # anew, because bcrypt was given only the part that it reads
        return right, self._hasher.hash(password) if renewed else None
