"""The form of a line: one JSON object, signed together with the hash of the line before it.

``{"event":{…},"hash":hex,"kid":…,"prev":hex,"seq":n,"v":1}`` with sorted keys, no spaces, UTF-8. ``hash`` is the
HMAC-SHA256 of the same object without it.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.audit.event import AuditEvent

GENESIS = "0" * 64
"""What the first line of a slot follows."""
LONGEST_LINE = 1 << 17
"""Bytes; every field at its longest, escaped, takes less."""
_VERSION = 1
_BEGINNING, _ENDING = b'{"event":{', f',"v":{_VERSION}}}\n'.encode()
_FIELDS = {"v", "seq", "kid", "prev", "event", "hash"}
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_HASH = re.compile(r"[0-9a-f]{64}")


class End(NamedTuple):
    """Where a chain ends: the number and the hash of its last line."""

    seq: int
    hash: str


START = End(0, GENESIS)


class NotALine(ValueError):
    """Bytes that this log did not write in this form."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in the file, believed only after ``is_signed``."""

    seq: int
    kid: str
    prev: str
    hash: str
    event: dict[str, Any]
    body: bytes
    """What ``hash`` signs."""

    @property
    def end(self) -> End:
        return End(self.seq, self.hash)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one way to write ``document``."""
    return _encode(document).encode()


def sign(key: bytes, document: Mapping[str, Any]) -> str:
    """The HMAC-SHA256 of ``document``, hexadecimal."""
    return _sign(key, canonical(document))


def seal(event: AuditEvent, after: End, kid: str, key: bytes) -> tuple[bytes, End]:
    """The line, with its newline, that says ``event`` after ``after``, and where the chain ends then."""
    said = event.model_dump(mode="json", exclude_none=True)
    body = {"v": _VERSION, "seq": after.seq + 1, "kid": kid, "prev": after.hash, "event": said}
    digest = sign(key, body)
    return canonical({**body, "hash": digest}) + b"\n", End(after.seq + 1, digest)


def parse(raw: bytes) -> Line:
    """The line that ``raw``, newline included, holds. Raises NotALine."""
    try:
        found = json.loads(raw)
        written = canonical(found) + b"\n" if isinstance(found, dict) else b""
    except (ValueError, RecursionError) as error:
        raise NotALine("is not JSON") from error
    if written != raw or not _is_well_formed(found):
        raise NotALine("is not in the form of this log")
    body = _without_hash(raw)
    return Line(found["seq"], found["kid"], found["prev"], found["hash"], found["event"], body)


def looks_whole(raw: bytes) -> bool:
    """Whether ``raw`` begins and ends like a line, or like several of which each does; ``parse`` tells more."""
    if not raw.startswith(_BEGINNING) or not raw.endswith(_ENDING):
        return False
    return raw.count(b"\n") == 1 + raw.count(_ENDING + _BEGINNING)


def is_signed(line: Line, key: bytes) -> bool:
    """Whether the holder of ``key`` wrote ``line``."""
    return hmac.compare_digest(_sign(key, line.body), line.hash)


def fault(line: Line, keys: Mapping[str, bytes]) -> str | None:
    """Why ``line`` is not to be believed."""
    key = keys.get(line.kid)
    if key is None:
        return f"is signed with an unknown key ({line.kid[:16]})"
    return None if is_signed(line, key) else "was changed after it was written"


def _sign(key: bytes, body: bytes) -> str:
    return hmac.digest(key, body, "sha256").hex()


def _without_hash(raw: bytes) -> bytes:
    """A canonical line as it was before its hash was put in: faster than to write it again.

    The last ``,"hash":`` is the line's own: what follows it are words and numbers, and quotes in words are escaped.
    """
    start = raw.rindex(b',"hash":')
    return raw[:start] + raw[raw.index(b',"kid":', start) : -1]


def _is_well_formed(found: dict[str, Any]) -> bool:
    if found.keys() != _FIELDS or found["v"] != _VERSION:
        return False
    hashes = all(isinstance(found[name], str) and _HASH.fullmatch(found[name]) for name in ("prev", "hash"))
    numbered = type(found["seq"]) is int and found["seq"] > 0
    return hashes and numbered and isinstance(found["kid"], str) and isinstance(found["event"], dict)
