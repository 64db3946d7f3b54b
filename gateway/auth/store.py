"""Where accounts, sessions and keys are kept. Nothing here has its only copy in memory.

``doctorai:account:<id>``       an account as JSON; never expires
``doctorai:accounts``           hash, user name (folded) → id
``doctorai:session:<id>``       a family of refresh tokens as JSON, until it ends
``doctorai:apikey:<id>``        an API key as JSON, without the key
``doctorai:apikeys``            set of their ids
"""

from __future__ import annotations

import contextlib
import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

from gateway.auth.caller import KeyRole, Role
from shared.errors import Conflict, SignInUnavailable
from shared.redis import PREFIX, REDIS_ERRORS

T = TypeVar("T", bound=BaseModel)
_NAMES = f"{PREFIX}:accounts"
_KEYS = f"{PREFIX}:apikeys"


class Account(BaseModel):
    """``epoch`` rises when everything that was signed before must not count any more."""

    id: str
    username: str
    password_hash: str
    role: Role
    disabled: bool = False
    created: datetime
    last_sign_in: datetime | None = None
    epoch: int = 0


class Session(BaseModel):
    """A family of refresh tokens: ``current`` is the digest of the only one that is good."""

    id: str
    account: str
    current: str
    epoch: int
    created: datetime
    expires: datetime


class ApiKey(BaseModel):
    """A key for a machine. ``models`` None: all of them."""

    id: str
    name: str
    digest: str
    role: KeyRole
    models: list[str] | None = None
    owner: str
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None


@contextlib.contextmanager
def verifying() -> Iterator[None]:
    """Turns a Redis that does not answer into the 503 that says so."""
    try:
        yield
    except REDIS_ERRORS as error:
        detail = "Accounts cannot be read at the moment: Redis does not answer."
        raise SignInUnavailable(detail, headers={"Retry-After": "2"}) from error


class Store:
    """Reads and writes. Raises SignInUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._rotate = redis.register_script(_ROTATE)
        self._change = redis.register_script(_CHANGE)

    # accounts

    async def account(self, identifier: str) -> Account | None:
        return await self._read(Account, _account(identifier))

    async def account_named(self, username: str) -> Account | None:
        with verifying():
            identifier = await self._redis.hget(_NAMES, fold(username))
        return await self.account(str(identifier)) if identifier else None

    async def accounts(self) -> list[Account]:
        with verifying():
            identifiers = [str(found) for found in await self._redis.hvals(_NAMES)]
        found = await self._read_all(Account, [_account(identifier) for identifier in identifiers])
        return sorted(found, key=lambda account: account.username)

    async def any_account(self) -> bool:
        with verifying():
            return bool(await self._redis.hlen(_NAMES))

    async def add_account(self, account: Account) -> None:
        """Raises Conflict for a user name that is taken."""
        with verifying():
            # the account first: a name that nothing stands behind could be neither used nor given away again
            await self._redis.set(_account(account.id), account.model_dump_json())
            if not await self._redis.hsetnx(_NAMES, fold(account.username), account.id):
                await self._redis.delete(_account(account.id))
                raise Conflict(f"There is already a user '{account.username}'.")

    async def change_account(
        self, identifier: str, *, end_sessions: bool = False, epoch: int | None = None, **changes: object
    ) -> Account | None:
        """Changes only what is named, in one step: who signs in must not undo what an administrator does meanwhile.

        ``end_sessions`` raises the epoch. None, and no change, for an account that is not there, or whose epoch is
        another than ``epoch``.
        """
        arguments: list[str | int] = [json.dumps(changes, default=str), int(end_sessions)]
        arguments.append("" if epoch is None else epoch)
        with verifying():
            return _parse(Account, await self._change(keys=[_account(identifier)], args=arguments))

    async def remove_account(self, account: Account) -> None:
        with verifying():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.hdel(_NAMES, fold(account.username))
                pipeline.delete(_account(account.id))
                await pipeline.execute()

    # sessions

    async def session(self, identifier: str) -> Session | None:
        return await self._read(Session, _session(identifier))

    async def standing(self, account: str, session: str) -> tuple[Account | None, Session | None]:
        """Both at once, in one round trip. Raises one of REDIS_ERRORS: its caller knows what to do without."""
        found, kept = await self._redis.mget([_account(account), _session(session)])
        return _parse(Account, found), _parse(Session, kept)

    async def put_session(self, session: Session) -> None:
        ends = int(session.expires.timestamp())
        with verifying():
            await self._redis.set(_session(session.id), session.model_dump_json(), exat=ends)

    async def rotate(self, identifier: str, used: str, successor: Session) -> str:
        """Puts ``successor`` in the place of the token ``used``: "rotated", "reused" (the family ends) or "gone"."""
        ends = int(successor.expires.timestamp())
        arguments: list[str | int] = [used, successor.model_dump_json(), ends]
        with verifying():
            return str(await self._rotate(keys=[_session(identifier)], args=arguments))

    async def end_session(self, identifier: str) -> None:
        with verifying():
            await self._redis.delete(_session(identifier))

    # keys for machines

    async def api_key(self, identifier: str) -> ApiKey | None:
        """Raises one of REDIS_ERRORS: its caller knows what to do without."""
        return _parse(ApiKey, await self._redis.get(_api_key(identifier)))

    async def api_keys(self) -> list[ApiKey]:
        with verifying():
            identifiers = [str(found) for found in await self._redis.smembers(_KEYS)]
        found = await self._read_all(ApiKey, [_api_key(identifier) for identifier in identifiers])
        return sorted(found, key=lambda key: key.created)

    async def put_api_key(self, key: ApiKey) -> None:
        with verifying():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.sadd(_KEYS, key.id)
                pipeline.set(_api_key(key.id), key.model_dump_json())
                await pipeline.execute()

    async def touch_api_key(self, key: ApiKey) -> None:
        """Writes when it was used; not one that was removed meanwhile."""
        with verifying():
            await self._redis.set(_api_key(key.id), key.model_dump_json(), xx=True)

    async def remove_api_key(self, identifier: str) -> bool:
        """False for one that is not there."""
        with verifying():
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.srem(_KEYS, identifier)
                pipeline.delete(_api_key(identifier))
                return bool((await pipeline.execute())[1])

    async def _read(self, kind: type[T], key: str) -> T | None:
        with verifying():
            return _parse(kind, await self._redis.get(key))

    async def _read_all(self, kind: type[T], keys: list[str]) -> list[T]:
        with verifying():
            values = await self._redis.mget(keys) if keys else []
        return [parsed for value in values if (parsed := _parse(kind, value))]


def fold(username: str) -> str:
    """The form in which two spellings of a user name are one."""
    return unicodedata.normalize("NFKC", username.strip()).casefold()


def now() -> datetime:
    return datetime.now(UTC)


# one step, so that of two who show the same token at once only one is served
_ROTATE = """
local value = redis.call('GET', KEYS[1])
if not value then return 'gone' end
if cjson.decode(value)['current'] ~= ARGV[1] then
  redis.call('DEL', KEYS[1])
  return 'reused'
end
redis.call('SET', KEYS[1], ARGV[2], 'EXAT', ARGV[3])
return 'rotated'
"""

_CHANGE = """
local value = redis.call('GET', KEYS[1])
if not value then return nil end
local account = cjson.decode(value)
if ARGV[3] ~= '' and account['epoch'] ~= tonumber(ARGV[3]) then return nil end
for name, new in pairs(cjson.decode(ARGV[1])) do account[name] = new end
account['epoch'] = account['epoch'] + tonumber(ARGV[2])
value = cjson.encode(account)
redis.call('SET', KEYS[1], value)
return value
"""


def _account(identifier: str) -> str:
    return f"{PREFIX}:account:{identifier}"


def _session(identifier: str) -> str:
    return f"{PREFIX}:session:{identifier}"


def _api_key(identifier: str) -> str:
    return f"{PREFIX}:apikey:{identifier}"


def _parse(kind: type[T], value: object) -> T | None:
    if value is None:
        return None
    try:
        return kind.model_validate_json(str(value))
    except ValidationError:
        return None
