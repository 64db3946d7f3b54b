"""Makes an archive of a system that may be running."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cli.backup import folder, manifest, naming, snapshot, sources
from cli.backup.layout import DUMP, MEMBER, Layout, secret_key
from cli.backup.locks import Lock, encrypting
from cli.backup.manifest import Entry, Manifest
from cli.backup.naming import Archive
from cli.backup.sources import Source
from cli.backup.tape import CHUNK, Reader, write_end, write_member
from cli.show import Failure
from shared.version import VERSION

_COMPRESSION = 3
"""Weights hardly shrink: more costs time and saves nothing."""


@dataclass(frozen=True)
class Wish:
    """What is wanted. ``on``: the earlier archive that an incremental one rests on, as ``folder.find`` knows it."""

    to: Path
    on: str | None = None
    lock: Lock = field(default_factory=Lock)
    with_secrets: bool = False
    config: Path | None = None
    redis_url: str | None = None


@dataclass(frozen=True)
class Made:
    path: Path
    manifest: Manifest

    @property
    def held(self) -> list[Entry]:
        """What this archive has itself."""
        return [entry for entry in self.manifest.files if entry.held_by == self.manifest.id]


def create(layout: Layout, wish: Wish) -> Made:
    """Writes one archive and its catalog to ``wish.to``, which must be locked. Raises Failure, and leaves nothing."""
    key = secret_key(layout)
    if not key:
        raise Failure("no key: set SECRET_KEY or SECRET_KEY_FILE to what the gateway has")
    if wish.with_secrets and not wish.lock:
        raise Failure("--with-secrets: only with --recipient or --passphrase-file; secrets are never left in plain")
    base = _base(wish, key) if wish.on else None
    identifier, now = secrets.token_hex(8), datetime.now(UTC)
    path = wish.to / naming.name(now, identifier, base.id if base else None, wish.lock.ending)
    draft = Manifest(
        id=identifier, time=now, kind="incremental" if base else "full", doctorai=VERSION,
        chain=(base.id, *base.chain) if base else (), key=manifest.public_id(key), files=(),
    )  # fmt: skip
    try:
        with tempfile.TemporaryFile(dir=wish.to) as dump:  # without a name: gone with the process
            found = snapshot.fetch(layout, wish.redis_url, dump)
            dump.seek(0)
            with _archive(path, wish.lock) as tape:
                writer = _Writer(tape, draft.model_copy(update={"redis": found[0] if found else None}), base)
                if found:
                    writer.add(Source(DUMP), dump, found[1])
                for source in sources.gather(layout, wish.config, with_secrets=wish.with_secrets):
                    writer.take(source)
                done = writer.finish(key)
                with folder.whole(naming.catalog_of(path)) as file:
                    file.write(manifest.encode(manifest.catalog(done, key)))
    except BaseException as error:
        naming.catalog_of(path).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Failure(f"cannot write {path}: {error.strerror or error}") from None
        raise
    return Made(path, done)


def _base(wish: Wish, key: str) -> Manifest:
    archive: Archive = folder.find(wish.to, wish.on or folder.LATEST)
    folder.chain(archive)
    try:
        found = manifest.parse(archive.catalog.read_bytes(), archive.catalog.name)
    except OSError as error:
        raise Failure(f"{archive.catalog}: {error.strerror}; make a full backup") from None
    if found.id != archive.id or not manifest.is_signed(found, key):
        raise Failure(f"{archive.catalog.name} was changed, or made with another key; make a full backup")
    return found


@contextlib.contextmanager
def _archive(path: Path, lock: Lock) -> Iterator[BinaryIO]:
    with (
        folder.whole(path) as file,
        encrypting(file, lock) as sealed,
        gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=_COMPRESSION, filename="", mtime=0) as tape,
    ):
        yield tape  # type: ignore[misc]


class _Writer:
    """Puts one source after the other on ``tape``, and the manifest behind them."""

    def __init__(self, tape: BinaryIO, draft: Manifest, base: Manifest | None) -> None:
        self._tape = tape
        self._draft = draft
        self._known: Mapping[str, Entry] = manifest.by_name(base.files) if base else {}
        self._entries: list[Entry] = []

    def take(self, source: Source) -> None:
        """Adds what the base does not have. A log's file that is retired meanwhile is left out."""
        try:
            with sources.opened(source) as (file, size):
                if not self._refer(source, file, size):
                    self.add(source, file, size)
        except FileNotFoundError as error:
            if source.name.startswith("models/"):
                raise Failure(f"{error.filename} was removed while it was read; try again") from None

    def add(self, source: Source, file: Reader, size: int) -> None:
        if not MEMBER.fullmatch(source.name):
            raise Failure(f"{source.name!r}: a file of this name cannot be in an archive; rename it")
        digest = write_member(self._tape, source.name, file, size, source.mode)
        self._enter(source, size, digest, self._draft.id)

    def finish(self, key: str) -> Manifest:
        done = manifest.signed(self._draft.model_copy(update={"files": tuple(self._entries)}), key)
        raw = manifest.encode(done)
        if len(raw) > manifest.LARGEST:
            raise Failure("there are too many files for one archive")
        write_member(self._tape, manifest.NAME, io.BytesIO(raw), len(raw), 0o600)
        write_end(self._tape)
        return done

    def _refer(self, source: Source, file: BinaryIO, size: int) -> bool:
        """Whether the base has these very bytes."""
        known = self._known.get(source.name)
        if known is None or known.size != size:
            return False
        digest = hashlib.sha256()
        left = size
        while left and (chunk := file.read(min(CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
        if digest.hexdigest() == known.sha256:
            self._enter(source, size, known.sha256, known.held_by)
            return True
        file.seek(0)
        return False

    def _enter(self, source: Source, size: int, digest: str, holder: str) -> None:
        self._entries.append(Entry(name=source.name, size=size, sha256=digest, mode=source.mode, held_by=holder))
