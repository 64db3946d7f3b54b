"""What was fetched, by name: so that it is known without asking, and told from what an operator put there."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from cli.storage.store import Blob
from shared.files import replace_file


class _Fetched(BaseModel):
    model_config = ConfigDict(frozen=True)

    etag: str
    sha256: str


_ENTRIES = TypeAdapter(dict[str, _Fetched])


class Record:
    """Kept in ``file``; one that is damaged counts as empty, and costs a comparison with the storage."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._entries = _ENTRIES.validate_json(file.read_bytes())
        except (FileNotFoundError, ValidationError):
            self._entries = {}

    def sha256(self, blob: Blob) -> str | None:
        """Of the blob as it is now, where that is what was fetched."""
        entry = self._entries.get(blob.name)
        return entry.sha256 if entry and entry.etag == blob.etag else None

    def fetched(self, name: str, sha256: str) -> bool:
        """Whether this content was fetched under this name."""
        entry = self._entries.get(name)
        return entry is not None and entry.sha256 == sha256

    def put(self, blob: Blob, sha256: str) -> None:
        """Keeps it, at once."""
        entry = _Fetched(etag=blob.etag, sha256=sha256)
        if self._entries.get(blob.name) != entry:
            self._entries[blob.name] = entry
            replace_file(self._file, _ENTRIES.dump_json(self._entries, indent=1))
