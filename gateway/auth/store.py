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
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

from gateway.auth.caller import KeyRole, Role
from shared.errors import Conflict, SignInUnavailable
from shared.redis import PREFIX, REDIS_ERRORS

T = TypeVar("T", bound=BaseModel)
_NAMES = f"{PREFIX}:accounts"
_KEYS = f"{PREFIX}:apikeys"
_WAIT_MS = 300
"""For a replica; a millisecond is usual, and the connection gives up after 500."""


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
    """A family of refresh tokens: ``current`` is the digest of the only one that is good.

    ``previous`` is that of the one before it, which was good until ``rotated``, seconds of the epoch.
    """

    id: str
    account: str
    current: str
    previous: str | None = None
    rotated: float = 0.0
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
    """Reads and writes. Raises SignInUnavailable when Redis does not answer.

    With ``replicas``, what is written counts only once that many replicas have it, too: it survives the primary.
    """

    def __init__(self, redis: Redis, *, replicas: int = 0) -> None:
        self._redis = redis
        self._replicas = replicas

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
        keys = [_NAMES, _account(account.id)]
        if not await self._write(_ADD, keys, fold(account.username), account.id, account.model_dump_json()):
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
        return _parse(Account, await self._write(_CHANGE, [_account(identifier)], *arguments))

    async def remove_account(self, account: Account) -> None:
        await self._write(_REMOVE, [_NAMES, _account(account.id)], fold(account.username))

    # sessions

    async def session(self, identifier: str) -> Session | None:
        return await self._read(Session, _session(identifier))

    async def standing(self, account: str, session: str) -> tuple[Account | None, Session | None]:
        """Both at once, in one round trip. Raises one of REDIS_ERRORS: its caller knows what to do without."""
        found, kept = await self._redis.mget([_account(account), _session(session)])
        return _parse(Account, found), _parse(Session, kept)

    async def put_session(self, session: Session) -> None:
        ends = int(session.expires.timestamp())
        await self._write(_PUT_SESSION, [_session(session.id)], session.model_dump_json(), ends)

    async def rotate(self, identifier: str, used: str, successor: Session, grace_s: float = 0.0) -> str:
        """Puts ``successor`` in the place of the token ``used``: "rotated", "reused" (the family ends) or "gone".

        "again", and nothing changes, for the token before the current one in the first ``grace_s`` seconds.
        """
        ends = int(successor.expires.timestamp())
        good_since = str(successor.rotated - grace_s) if grace_s else ""
        return str(
            await self._write(_ROTATE, [_session(identifier)], used, successor.model_dump_json(), ends, good_since)
        )

    async def end_session(self, identifier: str) -> None:
        await self._write(_END_SESSION, [_session(identifier)])

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
        await self._write(_PUT_KEY, [_KEYS, _api_key(key.id)], key.id, key.model_dump_json())

    async def touch_api_key(self, key: ApiKey) -> None:
        """Writes when it was used; not one that was removed meanwhile."""
        with verifying():
            await self._redis.set(_api_key(key.id), key.model_dump_json(), xx=True)

    async def remove_api_key(self, identifier: str) -> bool:
        """False for one that is not there."""
        return bool(await self._write(_REMOVE_KEY, [_KEYS, _api_key(identifier)], identifier))

    async def _write(self, script: str, keys: list[str], *arguments: str | int) -> Any:
        """What ``script`` answers. Raises SignInUnavailable, too, when the replicas have it not in time."""
        with verifying():
            # one connection for both: WAIT is about what its own connection wrote
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.eval(script, len(keys), *keys, *arguments)
                if self._replicas:
                    pipeline.wait(self._replicas, _WAIT_MS)
                found, *copies = await pipeline.execute()
        if copies and copies[0] < self._replicas:
            detail = "The change is not safe yet: no other Redis has it. Look whether it was made, and try again."
            raise SignInUnavailable(detail, headers={"Retry-After": "2"})
        return found

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


# each is one step: nobody sees half of it, and a connection that breaks leaves no half

_ADD = """
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[3])
return 1
"""

_REMOVE = """
redis.call('HDEL', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])
"""

_PUT_SESSION = "return redis.call('SET', KEYS[1], ARGV[1], 'EXAT', ARGV[2])"

_END_SESSION = "return redis.call('DEL', KEYS[1])"

_PUT_KEY = """
redis.call('SADD', KEYS[1], ARGV[1])
return redis.call('SET', KEYS[2], ARGV[2])
"""

_REMOVE_KEY = """
redis.call('SREM', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])
"""

# of two who show the same token at once only one is served
_ROTATE = """
local value = redis.call('GET', KEYS[1])
if not value then return 'gone' end
local session = cjson.decode(value)
if session['current'] ~= ARGV[1] then
  if ARGV[4] ~= '' and session['previous'] == ARGV[1] and session['rotated'] >= tonumber(ARGV[4]) then
    return 'again'
  end
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
