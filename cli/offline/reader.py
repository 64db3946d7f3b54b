"""Reads an offline archive that nobody trusts yet: all of it is checked before anything comes of it."""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cli.offline.layout import BLOCK, GZIP_IMAGES, MANIFEST, SUMS, ZSTD_IMAGES, Manifest, is_sound, read_manifest
from cli.tools import Refusal, sha256_of

_LARGEST_TEXT = 16 << 20
_SUM = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True)
class Entry:
    """A file of the archive. ``start``: bytes before its content."""

    start: int
    size: int
    sha256: str
    executable: bool


@dataclass(frozen=True)
class Archive:
    """One that was found whole."""

    path: Path
    manifest: Manifest
    entries: dict[str, Entry]

    def under(self, folder: str) -> dict[str, Entry]:
        """By the name inside ``folder``."""
        place = folder + "/"
        return {name.removeprefix(place): entry for name, entry in self.entries.items() if name.startswith(place)}

    @property
    def images(self) -> str | None:
        """The member that holds them."""
        return next((name for name in (ZSTD_IMAGES, GZIP_IMAGES) if name in self.entries), None)

    def copy(self, entry: Entry, write: Callable[[bytes], object]) -> None:
        """Raises Refusal when it is not what was checked before."""
        with self.path.open("rb") as file:
            file.seek(entry.start)
            digest, left = hashlib.sha256(), entry.size
            while left and (block := file.read(min(BLOCK, left))):
                digest.update(block)
                write(block)
                left -= len(block)
        if digest.hexdigest() != entry.sha256:
            raise Refusal(f"{self.path} changed while it was read")

    def unpack(self, folder: str, target: Path) -> None:
        """All that lies under ``folder``, into ``target``."""
        for name, entry in self.under(folder).items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                self.copy(entry, file.write)
            path.chmod(0o755 if entry.executable else 0o644)


def verify(path: Path, digest: str | None = None) -> Archive:
    """Reads it all. ``digest``: SHA-256 of the whole archive, as whoever made it told.

    Raises Refusal for one that is cut short, altered, or holds anything but plain files at their places.
    """
    if digest is not None:
        _compare(path, digest.lower())
    try:
        with tarfile.open(path, "r:") as tar:
            entries = dict(_entries(tar))
            sums = _sums(_text(tar, entries, SUMS))
            manifest = read_manifest(_text(tar, entries, MANIFEST))
    except tarfile.TarError as error:
        raise Refusal(f"{path} is not an offline archive, or is cut short: {error}") from error
    _check_end(path, max(entry.start + entry.size for entry in entries.values()))
    found = {name: entry.sha256 for name, entry in entries.items() if name != SUMS}
    if wrong := sorted(name for name in found.keys() | sums.keys() if found.get(name) != sums.get(name)):
        raise Refusal(f"{path} is damaged: {wrong[0]} does not match {SUMS}" + _more(wrong))
    return Archive(path, manifest, entries)


def _compare(path: Path, digest: str) -> None:
    found = sha256_of(path)
    if found != digest:
        raise Refusal(f"{path} is not the archive that you expect: its SHA-256 is {found}")


def _check_end(path: Path, end: int) -> None:
    """After the last file a tar has two blocks of zeros, or more, and nothing else."""
    with path.open("rb") as file:
        file.seek(end + -end % tarfile.BLOCKSIZE)
        rest = file.read(BLOCK)
    if len(rest) < 2 * tarfile.BLOCKSIZE or any(rest):
        raise Refusal(f"{path} is cut short, or goes on after its end")


def _entries(tar: tarfile.TarFile) -> Iterator[tuple[str, Entry]]:
    seen: set[str] = set()
    for member in tar:
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
            raise Refusal(f"{member.name!r} is not a plain file: archive refused")
        if not is_sound(member.name):
            raise Refusal(f"{member.name!r} is not a place for a file: archive refused")
        if member.name in seen:
            raise Refusal(f"{member.name!r} is there twice: archive refused")
        seen.add(member.name)
        yield member.name, Entry(member.offset_data, member.size, _hash(tar, member), bool(member.mode & 0o100))
    if nested := [name for name in seen if seen & {parent.as_posix() for parent in PurePosixPath(name).parents}]:
        raise Refusal(f"{nested[0]!r} lies below a file: archive refused")


def _hash(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = tar.extractfile(member)
    digest, size = hashlib.sha256(), 0
    while file and (block := file.read(BLOCK)):
        digest.update(block)
        size += len(block)
    if size != member.size:
        raise Refusal(f"the archive is cut short in {member.name!r}")
    return digest.hexdigest()


def _text(tar: tarfile.TarFile, entries: dict[str, Entry], name: str) -> bytes:
    if name not in entries:
        raise Refusal(f"the archive has no {name}: it is cut short, or another kind of archive")
    if entries[name].size > _LARGEST_TEXT:
        raise Refusal(f"{name} is too large: archive refused")
    file = tar.extractfile(name)
    return file.read() if file else b""


def _sums(data: bytes) -> dict[str, str]:
    found = {}
    for line in data.decode("utf-8", errors="replace").splitlines():
        match = _SUM.fullmatch(line)
        if match is None or match[2] in found:
            raise Refusal(f"{SUMS} is not a list of sums")
        found[match[2]] = match[1]
    return found


def _more(names: list[str]) -> str:
    return f", and {len(names) - 1} more" if len(names) > 1 else ""
