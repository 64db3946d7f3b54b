"""What a user hands over: told by its first bytes, never by its name, and copied while it is hashed."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from training.importing.errors import Refused
from training.importing.job import Kind

_LARGEST = 8 << 30
_CHUNK = 1 << 20
_MOST_FILES = 200
_TORCH = "a PyTorch file is a pickle, which can run code; export the model as .h5, .keras, SavedModel or .tflite"


@dataclass(frozen=True)
class Source:
    """A copy at ``path``; ``sha256`` of the file, or of the names and hashes of a folder's files."""

    path: Path
    kind: Kind
    sha256: str


def take(source: Path, scratch: Path, sha256: str | None) -> Source:
    """Copies ``source`` to ``scratch``, so that what was hashed is what is read. Raises Refused.

    ``sha256`` is what its owner says of it.
    """
    target = scratch / "given" / "copy"
    target.parent.mkdir()
    try:
        digest = _take_folder(source, target) if source.is_dir() else _take_file(source, target)
    except OSError as error:
        raise Refused(f"{source}: {error.strerror}") from error
    if sha256 and sha256.lower() != digest:
        raise Refused(
            f"{source.name} has the SHA-256 {digest}, not the one that was given: it was changed or cut short"
        )
    kind = kind_of(target, source.name)
    return Source(target.rename(target.with_name(_named(source.name, kind))), kind, digest)


def _named(name: str, kind: Kind) -> str:
    """The file's own name, plain, with the ending that Keras tells its files by."""
    plain, ending = re.sub(r"[^\w.-]", "_", name), {"hdf5": ".h5", "keras": ".keras"}.get(kind, "")
    return plain if plain.endswith(ending) else plain + ending


def kind_of(path: Path, name: str) -> Kind:
    """Raises Refused, with what to do, for what is not imported."""
    if path.is_dir():
        return _kind_of_folder(path, name)
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise Refused(f"{name} is empty")
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "hdf5"
    if start[4:8] == b"TFL3":
        return "tflite"
    if start.startswith(b"PK"):
        return _kind_of_zip(path, name)
    if start.lstrip()[:1] == b"{":
        return "xgboost"
    if start[0] == 0x80 or name.lower().endswith((".pkl", ".pickle", ".joblib")):
        return "pickle"
    raise Refused(f"{name} is no Keras .h5 or .keras, SavedModel, .tflite, XGBoost .json, .ubj or .pkl, or T5 folder")


def _kind_of_folder(folder: Path, name: str) -> Kind:
    if (folder / "saved_model.pb").is_file():
        return "saved_model"
    if (folder / "config.json").is_file():
        return "checkpoint"
    raise Refused(f"{name} is neither a SavedModel (saved_model.pb) nor a language model (config.json)")


def _kind_of_zip(path: Path, name: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused(f"{name} is no whole archive: {error}") from error
    if any(member.endswith("data.pkl") for member in names):
        raise Refused(_TORCH)
    if "config.json" not in names:
        raise Refused(f"{name} is a zip, but no .keras file: it has no config.json")
    return "keras"


def _take_folder(source: Path, target: Path) -> str:
    digest = hashlib.sha256()
    paths = sorted(source.rglob("*"))
    if len(paths) > _MOST_FILES:
        raise Refused(f"{source.name} holds more than {_MOST_FILES} files")
    target.mkdir()
    for path in paths:
        name = path.relative_to(source)
        if path.is_symlink():
            raise Refused(f"{source.name}/{name} is a link; a folder of plain files is wanted")
        if path.is_dir():
            (target / name).mkdir()
        else:
            digest.update(f"{name.as_posix()} {_take_file(path, target / name)}\n".encode())
    return digest.hexdigest()


def _take_file(source: Path, target: Path) -> str:
    size = source.stat().st_size
    if not source.is_file():
        raise Refused(f"{source} is not a file")
    if size > _LARGEST:
        raise Refused(f"{source.name} is larger than {_LARGEST >> 30} GiB")
    digest = hashlib.sha256()
    with source.open("rb") as file, target.open("wb") as copy:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()
