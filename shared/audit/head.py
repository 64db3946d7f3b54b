"""The head of a slot: where its chain ends, signed and kept beside the lines, so that a removed end is found."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.audit.chain import End, canonical, sign
from shared.audit.disk import private, write_all
from shared.audit.places import head_path

_LARGEST = 4096


class BadHead(ValueError):
    """A head that is missing, or that the log did not write; the text says which."""


def write_head(folder: Path, slot: int, end: End, kid: str, key: bytes) -> None:
    """Replaces the head in one step: a reader sees the old or the new. Raises OSError."""
    body = {"seq": end.seq, "hash": end.hash, "kid": kid}
    path = head_path(folder, slot)
    fresh = path.with_suffix(".head.tmp")
    opened = private(str(fresh), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        write_all(opened, canonical({**body, "mac": _mac(key, slot, body)}))
        os.fsync(opened)
    finally:
        os.close(opened)
    fresh.replace(path)


def read_head(folder: Path, slot: int, keys: Mapping[str, bytes]) -> End:
    """Where the chain of ``slot`` must reach. Raises BadHead."""
    try:
        with head_path(folder, slot).open("rb") as file:
            found = json.loads(file.read(_LARGEST))
        mac, body = found.pop("mac"), {name: found[name] for name in ("seq", "hash", "kid")}
        end, kid = End(int(body["seq"]), str(body["hash"])), str(body["kid"])
    except FileNotFoundError as error:
        raise BadHead("the head is missing") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadHead("the head is damaged") from error
    if kid not in keys:
        raise BadHead(f"the head is signed with an unknown key ({kid[:16]})")
    if not hmac.compare_digest(str(mac).encode(), _mac(keys[kid], slot, body).encode()):
        raise BadHead("the head was changed after it was written")
    return end


def _mac(key: bytes, slot: int, body: Mapping[str, Any]) -> str:
    # the slot is signed, too: the files of one slot must not pass for another's
    return sign(key, {**body, "head": slot})
