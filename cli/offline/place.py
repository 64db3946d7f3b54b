"""Where an offline archive is installed: a new folder, or a checkout of the same version, which gets what it lacks."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.offline.layout import FOLDERS, MODELS, SOURCE, WHEELS
from cli.offline.reader import Archive
from cli.tools import Refusal, sha256_of

_CHOICE = "serving.json"
"""Which version is served is this machine's own choice."""


@dataclass(frozen=True)
class Place:
    """``new``: there is nothing yet. ``models``: the model files that are missing."""

    folder: Path
    new: bool
    models: tuple[str, ...]


def find_place(folder: Path, archive: Archive) -> Place:
    """Raises Refusal for a folder of something else or of another version, and for a model file that would change."""
    folder, offered = folder.resolve(), archive.under(MODELS)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return Place(folder, True, tuple(offered))
    if (found := _version(folder)) != archive.manifest.version:
        what = f"holds DoctorAI {found}" if found else "is not empty, and not DoctorAI's"
        raise Refusal(f"{folder} {what}; the archive is {archive.manifest.version}: give it a new folder")
    here = {name for name in offered if (folder / MODELS / name).exists()}
    for name in sorted(here):
        if Path(name).name != _CHOICE and sha256_of(folder / MODELS / name) != offered[name].sha256:
            raise Refusal(f"{folder / MODELS / name} is another than the archive's: move it away first")
    return Place(folder, False, tuple(name for name in offered if name not in here))


@contextmanager
def staged(place: Place, archive: Archive, *, wheels: bool) -> Iterator[None]:
    """Unpacks beside the place first; moves it in when the block ends well, and leaves nothing when it does not."""
    home = place.folder if place.folder.exists() else place.folder.parent
    home.mkdir(parents=True, exist_ok=True)
    folders = [name for name in FOLDERS if (name != SOURCE or place.new) and (name != WHEELS or wheels)]
    _need_space(home, sum(entry.size for name in folders for entry in archive.under(name).values()))
    stage = Path(tempfile.mkdtemp(dir=home, prefix=".load-"))
    try:
        for name in folders:
            archive.unpack(name, stage if name == SOURCE else stage / name)
        yield
        if place.new:
            _settle(place, stage, archive.manifest.settings)
        else:
            _complete(place, stage)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _settle(place: Place, stage: Path, settings: dict[str, str]) -> None:
    if settings:
        lines = "".join(f"{name}={value}\n" for name, value in sorted(settings.items()))
        (stage / ".env").write_text(f"# more: .env.example\n{lines}", encoding="ascii")
    if not place.folder.exists():
        stage.chmod(0o755)
        stage.rename(place.folder)
        return
    for path in list(stage.iterdir()):  # the folder may be a mount, which cannot be replaced
        path.rename(place.folder / path.name)


def _complete(place: Place, stage: Path) -> None:
    for name in place.models:
        target = place.folder / MODELS / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (stage / MODELS / name).rename(target)
    if (stage / WHEELS).is_dir():
        former = place.folder / WHEELS
        if former.exists():
            former.rename(stage / "former")
        (stage / WHEELS).rename(former)


def _version(folder: Path) -> str | None:
    """Of the checkout that ``folder`` is; None when it is none."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["version"]) if project["name"] == "doctorai" else None
    except (OSError, ValueError, KeyError):
        return None


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise Refusal(f"{folder}: {size / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free")
