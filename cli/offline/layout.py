"""What is where in an offline archive: an uncompressed tar of plain files, each with its SHA-256 in ``SHA256SUMS``.

README.txt  load.pyz  manifest.json  images.tar.zst (or .gz)  SHA256SUMS
source/…    models/…  wheels/…
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from cli.tools import Refusal

README, LOADER, MANIFEST, SUMS = "README.txt", "load.pyz", "manifest.json", "SHA256SUMS"
ZSTD_IMAGES, GZIP_IMAGES = "images.tar.zst", "images.tar.gz"
FILES = (README, LOADER, MANIFEST, SUMS, ZSTD_IMAGES, GZIP_IMAGES)
SOURCE, MODELS, WHEELS = "source", "models", "wheels"
FOLDERS = (SOURCE, MODELS, WHEELS)
BLOCK = 1 << 20
"""Bytes that are read at once."""
_FORMAT = 1
_SETTING, _VALUE = re.compile("[A-Z][A-Z0-9_]*"), re.compile("[A-Za-z0-9._/:@-]+")


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. ``python`` and ``platform`` are the wheels', None without; ``machine`` is the images'.

    ``settings``: what of the build machine's settings the images' names are made of, for the other's ``.env``.
    """

    version: str
    revision: str
    python: str | None = None
    platform: str | None = None
    machine: str | None = None
    images: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=2) + "\n").encode()


def read_manifest(data: bytes) -> Manifest:
    """Raises Refusal for what this version does not understand."""
    try:
        found = json.loads(data)
        if found["format"] != _FORMAT:
            raise Refusal(f"{MANIFEST}: format {found['format']} is not known to this loader: use the archive's own")
        manifest = Manifest(**{**found, "images": tuple(found["images"])})
    except (ValueError, TypeError, KeyError) as error:
        raise Refusal(f"{MANIFEST} is not one of an offline archive") from error
    if not _is_sound(manifest):
        raise Refusal(f"{MANIFEST} has values that are not allowed")
    return manifest


def is_sound(name: str) -> bool:
    """A file at the top, or one somewhere below a known folder: nothing that leads elsewhere."""
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or any(part in ("", ".", "..") for part in parts):
        return False
    return name in FILES if len(parts) == 1 else parts[0] in FOLDERS


def _is_sound(manifest: Manifest) -> bool:
    maybe: tuple[Any, ...] = (manifest.python, manifest.platform, manifest.machine)
    words: tuple[Any, ...] = (manifest.version, manifest.revision, *manifest.images)
    return (
        all(isinstance(word, str) and _VALUE.fullmatch(word) for word in words)
        and all(word is None or (isinstance(word, str) and _VALUE.fullmatch(word)) for word in maybe)
        and isinstance(manifest.settings, dict)
        and all(_SETTING.fullmatch(key) and isinstance(value, str) and _VALUE.fullmatch(value)
                for key, value in manifest.settings.items())
    )  # fmt: skip
