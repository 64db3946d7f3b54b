"""Which of a service's bundles are served: ``models/<service>/serving.json``, written when an operator chooses.

Without the file the highest version is. It is written beside and renamed, so that a reader sees the old or the new
one, whatever happens to the writer. Where the bundles must not be written, the file lies in a folder of its own
(``choices``, SERVING_PATH); one beside the bundles counts while there is none in that.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.bundle import MANIFEST, is_version
from shared.errors import BundleError
from shared.files import replace_file
from shared.manifest import Version, version_key

SERVING = "serving.json"
_LARGEST = 10_000  # bytes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Canary(_Strict):
    """A version that answers ``share`` of the inputs: which ones depends on the input alone."""

    version: Version
    share: float = Field(gt=0, le=1)


class Serving(_Strict):
    """``previous`` is what was active before, for going back. ``shadow`` computes along, and answers nobody."""

    active: Version
    previous: Version | None = None
    canary: Canary | None = None
    shadow: Version | None = None


class VersionState(BaseModel):
    """A version whose folder is there. ``problem``: what is wrong with its files; ``created``: null where its manifest
    gives no date."""

    version: Version
    created: datetime | None
    whole: bool
    problem: str | None


class ServiceVersions(BaseModel):
    """The versions of a service, the highest first, and what is chosen of them; ``pinned``: by ``MODEL_VERSION``, which
    wins. ``why_not``: why the choice cannot be changed from here, and with what it can. ``revision``: another one
    whenever a choice is written, empty where none is.
    """

    service: str
    active: Version | None
    previous: Version | None
    canary: Canary | None
    shadow: Version | None
    pinned: str | None
    writable: bool
    why_not: str | None
    revision: str = ""
    versions: list[VersionState]


def versions(models: Path, service: str) -> list[str]:
    """The versions that lie under ``models/<service>/``, the highest first."""
    found = [path.parent.name for path in (models / service).glob(f"*/{MANIFEST}") if is_version(path.parent.name)]
    return sorted(found, key=version_key, reverse=True)


def read_serving(models: Path, service: str, choices: Path | None = None) -> Serving | None:
    """What the operator chose; None without a file. Raises BundleError for a file that is none."""
    found = _read_serving(choices / service / SERVING) if choices else None
    return found or _read_serving(models / service / SERVING)


def revision(models: Path, service: str, choices: Path | None = None) -> str:
    """Another one whenever a choice is written; empty where none is. Raises OSError when it cannot be seen."""
    for folder in (choices, models):
        with suppress(FileNotFoundError):
            if folder:
                found = (folder / service / SERVING).stat()
                return f"{found.st_ino:x}-{found.st_mtime_ns:x}"
    return ""


def _read_serving(path: Path) -> Serving | None:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BundleError(f"{SERVING} cannot be read: {error.strerror}") from error
    if len(raw) > _LARGEST:
        raise BundleError(f"{SERVING} is larger than {_LARGEST} bytes")
    try:
        return Serving.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in (SERVING, *first["loc"]))
        raise BundleError(f"{where} is not valid: {first['msg']}") from error


def write_serving(models: Path, service: str, serving: Serving, choices: Path | None = None) -> None:
    """Replaces the file in one step. Raises OSError, and leaves the old one, when it cannot."""
    folder = models / service
    if choices:
        folder = choices / service
        folder.mkdir(exist_ok=True)
    text = serving.model_dump_json(indent=2) + "\n"
    replace_file(folder / SERVING, text.encode(), 0o644)  # the services may run as another user
