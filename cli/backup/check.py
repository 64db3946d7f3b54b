"""Reads archives and believes nothing: each file against its checksum, each name against what there may be."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import zlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.backup import folder, manifest
from cli.backup.layout import CONFIG, MEMBER, SECRET_KEY
from cli.backup.locks import Keys, decrypting
from cli.backup.manifest import Entry, Manifest
from cli.backup.naming import Archive
from cli.backup.tape import Member, read_members
from cli.show import Failure

_SMALL = 64 << 10
"""Bytes of a file that is kept in memory: the configuration, the secret key."""


@dataclass(frozen=True)
class Checked:
    """An archive whose every byte is what its manifest says."""

    archive: Archive
    manifest: Manifest
    small: Mapping[str, bytes] = field(repr=False)
    """The configuration and the secret key, where it has them."""


def check_chain(path: Path, keys: Keys, largest: int) -> list[Checked]:
    """The archive at ``path`` and all that it rests on, each read to its end. ``largest``: bytes unpacked, of each.

    Raises Failure for anything that is not as it was written.
    """
    archive = folder.at(path)
    found = [check(one, keys, largest) for one in folder.chain(archive)]
    newest = found[0].manifest
    if newest.chain != tuple(one.archive.id for one in found[1:]):
        raise Failure(f"{path.name} does not rest on the archives that its name says")
    held = {(one.archive.id, entry.name): entry for one in found for entry in one.manifest.files}
    for entry in newest.files:
        if held.get((entry.held_by, entry.name)) != entry:
            raise Failure(f"{path.name}: {entry.name} is not in the archive that should hold it")
    return found


def check(archive: Archive, keys: Keys, largest: int) -> Checked:
    """One archive, read to its end. Raises Failure."""
    seen: dict[str, tuple[int, str]] = {}
    small: dict[str, bytes] = {}
    raw = b""
    with _about(archive), contextlib.closing(members(archive, keys)) as found:
        for member in found:
            if raw or member.name in seen:
                raise Failure(f"{archive.path.name}: {member.name!r} is where it cannot be")
            largest -= member.size
            if largest < 0:
                raise Failure(f"{archive.path.name} is larger than --max-size allows")
            if member.name == manifest.NAME:
                raw = _read(member, manifest.LARGEST)
            elif not MEMBER.fullmatch(member.name):
                raise Failure(f"{archive.path.name}: {member.name!r} is nothing that a backup holds")
            elif member.name in (CONFIG, SECRET_KEY):
                small[member.name] = data = _read(member, _SMALL)
                seen[member.name] = member.size, hashlib.sha256(data).hexdigest()
            else:
                seen[member.name] = member.size, _digest(member)
    if not raw:
        raise Failure(f"{archive.path.name} has no manifest: it was cut off")
    written = manifest.parse(raw, archive.path.name)
    _compare(archive, written, seen)
    return Checked(archive, written, small)


def members(archive: Archive, keys: Keys) -> Generator[Member]:
    """Each file in turn. Whatever is wrong with the archive is a Failure that names it."""
    with (
        _about(archive),
        archive.path.open("rb") as file,
        decrypting(file, archive.lock, keys) as plain,
        gzip.GzipFile(fileobj=plain) as tape,
    ):
        yield from read_members(_Tape(tape))


class _Tape:
    """Reads what is packed; what cannot be unpacked is a Failure, and never taken for an error in writing."""

    def __init__(self, tape: gzip.GzipFile) -> None:
        self._tape = tape

    def read(self, size: int, /) -> bytes:
        try:
            return self._tape.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise Failure(f"it is damaged: {error}") from None


@contextlib.contextmanager
def _about(archive: Archive) -> Iterator[None]:
    """Each failure names the archive."""
    name = archive.path.name
    try:
        yield
    except Failure as error:
        raise Failure(str(error) if name in str(error) else f"{name} is refused: {error}") from None
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror or error}") from None


def _compare(archive: Archive, found: Manifest, seen: Mapping[str, tuple[int, str]]) -> None:
    name = archive.path.name
    entries = manifest.by_name(found.files)
    if found.id != archive.id or found.chain[:1] != ((archive.base,) if archive.base else ()):
        raise Failure(f"{name}: its manifest is of another archive")
    if len(entries) != len(found.files) or not all(MEMBER.fullmatch(entry) for entry in entries):
        raise Failure(f"{name}: its manifest names what no backup holds")
    own = {entry.name: (entry.size, entry.sha256) for entry in found.files if entry.held_by == found.id}
    for different in sorted({one for one in own.keys() | seen.keys() if own.get(one) != seen.get(one)}):
        raise Failure(f"{name}: {different} does not match its checksum")
    if {entry.held_by for entry in found.files} - {found.id, *found.chain}:
        raise Failure(f"{name}: its manifest names an archive that it does not rest on")
    _no_file_is_a_folder(name, entries)


def _no_file_is_a_folder(name: str, entries: Mapping[str, Entry]) -> None:
    folders = {str(parent) for entry in entries for parent in Path(entry).parents}
    if both := folders & entries.keys():
        raise Failure(f"{name}: {both.pop()} is a file and a folder")


def _digest(member: Member) -> str:
    digest = hashlib.sha256()
    for chunk in member.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _read(member: Member, most: int) -> bytes:
    if member.size > most:
        raise Failure(f"{member.name} is larger than it can be")
    return b"".join(member.chunks())
