"""The original system's model files, found by their names under the model path and imported when the system starts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from cli import importing, show, versions
from cli.plan import known_services
from cli.show import Failure
from shared.bundle import open_bundle
from shared.errors import BundleError
from shared.versions import versions as versions_of

if TYPE_CHECKING:
    from training.importing.child import Limits

_SERVICES = {
    "model": "lung_colon",
    "depi_final_monkeypox_model": "monkeypox",
    "tumor": "tumor",
    "x-ray": "xray",
    "xgb-tuned-balancedpalm": "palm",
}
_ENDINGS = frozenset({".h5", ".keras", ".tflite", ".pkl", ".json", ".ubj"})
CHATBOT = "chatbot"


@dataclass(frozen=True)
class Original:
    """A file of the original system, or one by its name."""

    service: str
    path: Path


def find(folder: Path) -> list[Original]:
    """In ``folder``, and of each service in its own folder; language models as folders."""
    found = [Original(service, path) for path in _files(folder) if (service := service_of(path))]
    for name in known_services():
        found += [Original(name, path) for path in _files(folder / name) if service_of(path) == name]
    return found + [Original(CHATBOT, path) for path in _language_models(folder)]


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return []


def service_of(path: PurePath) -> str | None:
    """Whose model a file of this name is."""
    return _SERVICES.get(path.stem.lower()) if path.suffix.lower() in _ENDINGS else None


def import_all(found: Iterable[Original], models: Path, limits: Limits | None = None) -> None:
    """Imports and activates each that is not there yet; a line for each, and no failure."""
    for original in found:
        try:
            _import(original, models, limits)
        except Failure as error:
            show.note(f"✗ {original.path}: {error}")
        except OSError as error:
            show.note(f"✗ {original.path}: {error.strerror}")
        except ImportError as error:
            show.note(f"✗ {original.path}: {error}; it is imported where that is installed (docs/importing.md)")


def _language_models(folder: Path) -> list[Path]:
    """Folders right in the model path; one in ``chatbot/`` is where the service looks by itself."""
    places = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [path for path in places if path.name != CHATBOT and (path / "config.json").is_file()]


def _import(original: Original, models: Path, limits: Limits | None) -> None:
    from training.importing.child import Limits
    from training.importing.language_model import place

    limits = limits or Limits()
    if original.service == CHATBOT:
        if not place(original.path, models).exists():
            importing.language_model(original.path, models, limits)
        return
    if version := _imported_as(original, models):
        show.note(f"✓ {original.path.name} is {original.service} {version} already")
        return
    show.note(f"{original.path} is imported for {original.service} …")
    done = importing.run(original.service, original.path, models, limits=limits)
    version = done.bundle.manifest.version
    if done.pinned:
        versions.activate(original.service, version, models, wait=False)
    difference = f"by at most {done.largest_difference:.1e} from what the original answers"
    show.note(f"✓ {original.path.name} is {original.service} {version} from now on; it differs {difference}")


def _imported_as(original: Original, models: Path) -> str | None:
    """The version that was made of this very file."""
    digest = hashlib.sha256(original.path.read_bytes()).hexdigest()
    for version in versions_of(models, original.service):
        try:
            provenance = open_bundle(models / original.service / version).manifest.provenance
        except BundleError:
            continue
        if _sha256(provenance) == digest:
            return version
    return None


def _sha256(provenance: dict[str, Any]) -> Any:
    imported = provenance.get("imported")
    return imported.get("sha256") if isinstance(imported, dict) else None
