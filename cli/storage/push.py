"""Uploads a bundle: its files, and when they are there, its manifest."""

from __future__ import annotations

from pathlib import Path

from cli.show import Failure
from cli.storage.progress import Progress
from cli.storage.store import Blob, BlobError, Store
from shared.bundle import MANIFEST, BundleOf, open_bundle_as
from shared.catalogue import AnyManifest
from shared.errors import BundleError


def open_to_push(root: Path) -> BundleOf[AnyManifest]:
    """Raises Failure unless it is a bundle whose files are whole."""
    try:
        return open_bundle_as(AnyManifest, root)
    except BundleError as error:
        raise Failure(f"{root}: {error.detail}") from error


def push(store: Store, bundle: BundleOf[AnyManifest], service: str, progress: Progress, *, replace: bool) -> bool:
    """Whether there was anything to upload: a file that is there with the same SHA-256 is not sent again.

    Raises Failure when the same version with other content is there, unless ``replace``; StorageError.
    """
    prefix = f"{service}/{bundle.manifest.version}/"
    there = {blob.name.removeprefix(prefix): blob for blob in store.blobs(prefix)}
    local = (bundle.root / MANIFEST).read_bytes()
    same = MANIFEST in there and _is(store, there[MANIFEST], local)
    if MANIFEST in there and not same and not replace:
        raise Failure(f"{prefix[:-1]} is in {store.where} with another content; take another version, or --replace")
    wanted = {name: entry.sha256 for name, entry in bundle.manifest.files.items()}
    sent = [name for name, sha256 in wanted.items() if replace or name not in there or there[name].sha256 != sha256]
    sizes = {name: bundle.manifest.files[name].bytes for name in sent}
    try:
        with progress.unit(prefix[:-1], sum(sizes.values())) as advance:
            for name in sent:
                store.write(prefix + name, bundle.root / name, wanted[name], advance, anew=True)
            if not same:  # last: who pulls meanwhile sees no bundle, not half of one
                store.write(prefix + MANIFEST, bundle.root / MANIFEST, bundle.digest, advance, anew=replace)
    except BlobError as error:
        raise Failure(str(error)) from error
    return bool(sent) or not same


def _is(store: Store, blob: Blob, content: bytes) -> bool:
    try:
        return blob.size == len(content) and b"".join(store.read(blob)) == content
    except BlobError as error:
        raise Failure(str(error)) from error
