"""One unit from the storage into the model path."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from pydantic import ValidationError

from cli.plan import ROOT
from cli.storage.download import fetch, is_content, part_of
from cli.storage.progress import Progress
from cli.storage.record import Record
from cli.storage.store import Advance, Blob, Store
from cli.storage.units import Unit
from cli.tools import sha256_of
from shared.bundle import MANIFEST
from shared.catalogue import AnyManifest

_AT_ONCE = 4
_LARGEST_MANIFEST = 1 << 20
_MOST_FILES = 2_000
_LARGEST_UNIT = 64 << 30
_RESERVE = 64 << 20
"""Bytes that stay free."""
_LAST = (MANIFEST, "config.json")
"""What makes a folder one that is served."""


class Refused(Exception):
    """Why a unit is not fetched."""


@dataclass(frozen=True)
class _Piece:
    """``path``: where it belongs. ``sha256``: what it must have, where somebody says so."""

    path: Path
    blob: Blob
    sha256: str | None


class Bringer:
    """Fetches to ``work``, then renames. ``replace``: also what is there and was not fetched."""

    def __init__(
        self, store: Store, models: Path, work: Path, record: Record, progress: Progress, *, replace: bool
    ) -> None:
        self._store = store
        self._models = models
        self._parts = work / "parts"
        self._stage = work / "stage"
        self._record = record
        self._progress = progress
        self._replace = replace

    def bring(self, unit: Unit) -> bool:
        """Whether anything had to be fetched. Raises Refused, BlobError, StorageError, OSError."""
        if len(unit.blobs) > _MOST_FILES or sum(blob.size for blob in unit.blobs.values()) > _LARGEST_UNIT:
            raise Refused(f"more than {_MOST_FILES} files, or {_LARGEST_UNIT >> 30} GB")
        pieces = self._bundle(unit) if unit.bundle else self._files(unit)
        lacking = [piece for piece in pieces if not is_content(piece.path, piece.blob, piece.sha256)]
        if not self._replace:
            self._check_ours(unit, lacking)
        self._check_room(lacking)
        digests = self._fetch(unit, lacking)
        if lacking:
            self._place(unit, pieces, lacking)
        for piece in pieces:
            self._record.put(piece.blob, digests.get(piece.path) or piece.sha256 or sha256_of(piece.path))
        return bool(lacking)

    def _files(self, unit: Unit) -> list[_Piece]:
        folder = self._models / unit.folder
        found = [
            _Piece(folder / path, blob, blob.sha256 or self._record.sha256(blob)) for path, blob in unit.blobs.items()
        ]
        return sorted(found, key=lambda piece: piece.path.name in _LAST)

    def _bundle(self, unit: Unit) -> list[_Piece]:
        """What the manifest lists, then the manifest itself; blobs that it does not list are left."""
        blob = unit.blobs.get(MANIFEST)
        if blob is None:
            raise Refused(f"no {MANIFEST}; the last of an upload is missing")
        raw = self._read_manifest(unit, blob)
        manifest = _parse(unit, raw)
        pieces = []
        folder = self._models / unit.folder
        for path, entry in manifest.files.items():
            found = unit.blobs.get(path)
            if found is None or path == MANIFEST:
                raise Refused(f"{path} is in the manifest, but not in the storage")
            if found.size != entry.bytes:
                raise Refused(f"{path} has {found.size} bytes; the manifest says {entry.bytes}")
            pieces.append(_Piece(folder / path, found, entry.sha256))
        return [*pieces, _Piece(folder / MANIFEST, blob, hashlib.sha256(raw).hexdigest())]

    def _read_manifest(self, unit: Unit, blob: Blob) -> bytes:
        """What is here already when that is known to be it; fetched to where the other parts are."""
        if blob.size > _LARGEST_MANIFEST:
            raise Refused(f"{MANIFEST} is larger than {_LARGEST_MANIFEST} bytes")
        here = self._models / unit.folder / MANIFEST
        if (known := self._record.sha256(blob)) and is_content(here, blob, known):
            return here.read_bytes()
        part = part_of(self._parts, blob)
        fetch(self._store, blob, part, None, lambda _: None, Event())
        return part.read_bytes()

    def _check_ours(self, unit: Unit, lacking: Sequence[_Piece]) -> None:
        """What an operator put there stays. A bundle's damaged file is mended: its manifest says what it has to be."""
        for piece in lacking:
            if unit.bundle and piece.path.name != MANIFEST:
                continue
            place = piece.path.parent if unit.bundle else piece.path
            if place.exists() and not self._is_ours(unit, piece):
                raise Refused(
                    f"{place} is there, differs, and was not fetched from here; remove it, or: "
                    "doctorai models pull --replace"
                )

    def _is_ours(self, unit: Unit, piece: _Piece) -> bool:
        if not piece.path.is_file():
            return False
        digest = sha256_of(piece.path)
        return self._record.fetched(piece.blob.name, digest) or (unit.bundle and self._is_shipped(unit, digest))

    def _is_shipped(self, unit: Unit, digest: str) -> bool:
        """Whether it is the copy that a start without the storage made of the model that ships."""
        shipped = ROOT / "models"
        original = shipped / unit.folder / MANIFEST
        return self._models.resolve() != shipped and original.is_file() and sha256_of(original) == digest

    def _check_room(self, lacking: Sequence[_Piece]) -> None:
        there = [part_of(self._parts, piece.blob) for piece in lacking]
        needed = sum(piece.blob.size for piece in lacking) - sum(part.stat().st_size for part in there if part.exists())
        free = shutil.disk_usage(self._parts).free - _RESERVE
        if lacking and needed > free:
            raise Refused(f"{needed / 1e9:.2f} GB are needed, {max(free, 0) / 1e9:.2f} GB are free")

    def _fetch(self, unit: Unit, lacking: Sequence[_Piece]) -> dict[Path, str]:
        """The SHA-256 of each file. The first failure stops the others, and is raised."""
        stop = Event()
        with (
            self._progress.unit(unit.name, sum(piece.blob.size for piece in lacking)) as advance,
            ThreadPoolExecutor(_AT_ONCE) as pool,
        ):
            running = {piece.path: pool.submit(self._fetch_one, piece, advance, stop) for piece in lacking}
            try:
                return {path: one.result() for path, one in running.items()}
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                raise

    def _fetch_one(self, piece: _Piece, advance: Advance, stop: Event) -> str:
        return fetch(self._store, piece.blob, part_of(self._parts, piece.blob), piece.sha256, advance, stop)

    def _place(self, unit: Unit, pieces: Sequence[_Piece], lacking: Sequence[_Piece]) -> None:
        folder = self._models / unit.folder
        mended = unit.bundle and all(piece.path.name != MANIFEST for piece in lacking)
        if unit.loose or mended:
            for piece in lacking:
                piece.path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(part_of(self._parts, piece.blob), piece.path)
            return
        stage = self._stage / unit.folder.replace("/", "-")
        for piece in pieces:
            place = stage / piece.path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            if piece in lacking:
                os.replace(part_of(self._parts, piece.blob), place)
            else:
                shutil.copy2(piece.path, place)
        _swap(stage, folder)


def _parse(unit: Unit, raw: bytes) -> AnyManifest:
    try:
        manifest = AnyManifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{'.'.join(map(str, (MANIFEST, *first['loc'])))} is not valid: {first['msg']}") from None
    if unit.folder != f"{unit.service}/{manifest.version}":
        raise Refused(f"{MANIFEST} says version {manifest.version}")
    return manifest


def _swap(stage: Path, folder: Path) -> None:
    """Puts a folder in its place; the one there goes only when the new one is there."""
    folder.parent.mkdir(exist_ok=True)
    aside = stage.with_name(f"{stage.name}.old")
    if folder.exists():
        folder.rename(aside)
    try:
        stage.rename(folder)
    except OSError:
        if aside.exists():
            aside.rename(folder)
        raise
