"""A model bundle on disk: found, checked against its manifest, and read without trusting the file twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from shared.errors import BundleError
from shared.logs import get_logger
from shared.manifest import BundleManifest, Manifest, version_key

_log = get_logger(__name__)
MANIFEST = "manifest.json"
_CHUNK = 1 << 20
Fingerprint = tuple[tuple[str, int, int, int], ...]


M = TypeVar("M", bound=BundleManifest)


@dataclass(frozen=True)
class BundleOf(Generic[M]):
    """A bundle whose files matched their checksums when it was opened."""

    root: Path
    manifest: M
    digest: str
    """SHA-256 of ``manifest.json``: names these weights and everything about them."""

    def read(self, name: str) -> bytes:
        """The bytes of a file, checked as they are read: what was hashed is what is loaded.

        Raises BundleError when it is missing or differs from the manifest.
        """
        data = _read(self.root / name)
        _compare(name, self.manifest, hashlib.sha256(data).hexdigest(), len(data))
        return data

    def verify(self) -> None:
        """Checks every file of the manifest. Raises BundleError naming the first that fails."""
        for name in self.manifest.files:
            digest, size = _hash(self.root / name)
            _compare(name, self.manifest, digest, size)


Bundle = BundleOf[Manifest]
"""A bundle of a model of pictures or numbers."""


def find_bundle(models: Path, service: str, version: str | None = None) -> Path:
    """The folder of ``version``, or of the highest version that ``models/<service>/`` holds.

    Raises BundleError when there is none.
    """
    home = models / service
    if version:
        if not (home / version / MANIFEST).is_file():
            raise BundleError(f"no bundle {service}/{version} under the model path")
        return home / version
    versions = [path.parent for path in home.glob(f"*/{MANIFEST}") if is_version(path.parent.name)]
    if not versions:
        raise BundleError(f"no bundle for {service} under the model path")
    return max(versions, key=lambda path: version_key(path.name))


def open_bundle(root: Path) -> Bundle:
    """Reads the manifest and checks every file. Raises BundleError with the reason."""
    return open_bundle_as(Manifest, root)


def open_bundle_as(kind: type[M], root: Path) -> BundleOf[M]:
    """The same for a bundle with a manifest of ``kind``."""
    raw = _read(root / MANIFEST)
    try:
        manifest = kind.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in ("manifest.json", *first["loc"]))
        raise BundleError(f"{where} is not valid: {first['msg']}") from error
    if manifest.version != root.name:
        raise BundleError(f"manifest.json says version {manifest.version}, its folder {root.name}")
    bundle = BundleOf(root=root, manifest=manifest, digest=hashlib.sha256(raw).hexdigest())
    bundle.verify()
    return bundle


@contextmanager
def loading(version: str) -> Iterator[None]:
    """Around whatever a library does with a bundle's files.

    Raises BundleError for every error: one that nobody expected says no more than that this bundle is not to be served.
    """
    try:
        yield
    except BundleError:
        raise
    except Exception as error:
        _log.error("model_load_failed", version=version, exc_info=error)
        raise BundleError(f"the model cannot be loaded: {type(error).__name__}") from error


def fingerprint(root: Path) -> Fingerprint:
    """Name, size, modification time and inode of each file: cheap to take, differs after any rewrite."""
    entries = []
    for path in sorted(root.rglob("*")):
        try:
            stat = path.stat()
        except OSError:
            continue
        if path.is_file():
            entries.append((path.relative_to(root).as_posix(), stat.st_size, stat.st_mtime_ns, stat.st_ino))
    return tuple(entries)


def write_manifest(root: Path, manifest: BundleManifest) -> None:
    """Writes ``manifest.json`` last, so that a bundle cut short has none."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (root / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _compare(name: str, manifest: BundleManifest, digest: str, size: int) -> None:
    entry = manifest.files[name]
    if size != entry.bytes or digest != entry.sha256:
        raise BundleError(f"{name} does not match its checksum: the file was changed or cut short")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path.name} cannot be read: {error.strerror}") from error


def _hash(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise BundleError(f"{path.name} cannot be read: {error.strerror}") from error
    return digest.hexdigest(), size


def is_version(name: str) -> bool:
    """Whether a folder's name is that of a version: three numbers."""
    return all(part.isdecimal() for part in name.split(".")) and name.count(".") == 2
