"""Words that stand for what belongs to a patient or is a secret, and the search for them in all that is left behind."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
from redis.asyncio import Redis

from tests.support.system import System


class Canaries:
    """``canary[what]`` is a word of its own for each ``what``."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}

    def __getitem__(self, what: str) -> str:
        return self._words.setdefault(what, f"Canary{secrets.token_hex(8)}")

    def add(self, what: str, word: str) -> None:
        """A word that somebody else has made."""
        self._words[what] = word

    def found_in(self, data: bytes) -> list[str]:
        """What of them is in ``data``: as it is, in hexadecimal, or in base64 at any offset."""
        lowered = data.lower()
        return [what for what, word in self._words.items() if any(form in lowered for form in _forms(word))]


def _forms(word: str) -> Iterator[bytes]:
    raw = word.encode()
    yield raw.lower()
    yield raw.hex().encode()
    for offset in range(3):
        # the characters at both ends depend on the neighbours
        yield base64.b64encode(bytes(offset) + raw)[4:-4].lower()
        yield base64.urlsafe_b64encode(bytes(offset) + raw)[4:-4].lower()


async def left_behind(system: System, folder: Path) -> AsyncIterator[tuple[str, bytes]]:
    """Everything that the system wrote: the logs, the audit, Redis's memory and its file, all metrics."""
    for path in _files(folder):
        yield str(path.relative_to(folder)), path.read_bytes()
    async with Redis.from_url(system.redis.url) as redis:
        async for key in redis.scan_iter():
            yield f"redis {key!r}", key + await _value(redis, key)
    async with httpx.AsyncClient() as client:
        for process in (system.gateway, *system.services.values(), *system.extra):
            answer = await client.get(f"{process.url}/metrics")
            assert answer.status_code == 200
            yield f"metrics of {process.module}", answer.content


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "models" not in path.parts]


async def _value(redis: Redis, key: bytes) -> bytes:
    kind = await redis.type(key)
    if kind == b"string":
        return bytes(await redis.get(key) or b"")
    if kind == b"hash":
        return b" ".join(part for item in (await redis.hgetall(key)).items() for part in item)
    if kind == b"list":
        return b" ".join(await redis.lrange(key, 0, -1))
    if kind == b"set":
        return b" ".join(await redis.smembers(key))
    if kind == b"stream":
        return b" ".join(part for _, said in await redis.xrange(key) for item in said.items() for part in item)
    assert kind == b"none", f"{key!r} is a {kind!r}: say here how it is read"
    return b""
