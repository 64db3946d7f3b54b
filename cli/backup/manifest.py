"""What an archive says of itself: each file with its checksum, and who holds it; signed with a key of SECRET_KEY."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from cli.show import Failure
from shared.audit.chain import sign
from shared.derive import derive, key_id

NAME = "manifest.json"
LARGEST = 64 << 20
"""Bytes of a manifest: some 300,000 files."""
REUSABLE = ("models/", "audit/", "feedback/")
"""What an incremental archive may leave to an earlier one, and a catalog may tell without encryption."""

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Entry(BaseModel):
    """A file. ``held_by`` is the id of the archive that has its bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=255)
    size: int = Field(ge=0)
    sha256: Sha256
    mode: int = Field(ge=0, le=0o777)
    held_by: Id


class Manifest(BaseModel):
    """``chain``: the archives that this one rests on, the nearest first. ``key``: the id of the key that signs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    id: Id
    time: AwareDatetime
    kind: Literal["full", "incremental"]
    chain: tuple[Id, ...] = ()
    doctorai: str
    redis: str | None = Field(default=None, description="version of the server that the snapshot is of")
    key: str
    files: tuple[Entry, ...]
    mac: str = ""


def signed(manifest: Manifest, secret: str) -> Manifest:
    """With its signature."""
    return manifest.model_copy(update={"mac": _mac(manifest, secret)})


def is_signed(manifest: Manifest, secret: str) -> bool:
    """Whether the holder of ``secret`` wrote it."""
    return hmac.compare_digest(manifest.mac.encode(), _mac(manifest, secret).encode())


def public_id(secret: str) -> str:
    """The name of the key that is derived from ``secret``."""
    return key_id(_key(secret))


def catalog(manifest: Manifest, secret: str) -> Manifest:
    """The part that may lie beside an encrypted archive: no checksum of a secret."""
    files = tuple(entry for entry in manifest.files if entry.name.startswith(REUSABLE))
    return signed(manifest.model_copy(update={"files": files}), secret)


def encode(manifest: Manifest) -> bytes:
    return manifest.model_dump_json(indent=1).encode() + b"\n"


def parse(raw: bytes, where: str) -> Manifest:
    """Raises Failure for what is not a manifest of this version."""
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Failure(f"{where}: its manifest cannot be read: {place} {first['msg']}") from None


def by_name(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


def _key(secret: str) -> bytes:
    return derive(secret, "backup")


def _mac(manifest: Manifest, secret: str) -> str:
    return sign(_key(secret), manifest.model_dump(mode="json", exclude={"mac"}))
