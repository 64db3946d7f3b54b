"""Before the system starts: each service gets a model."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from cli import originals, show
from cli.plan import ROOT
from cli.storage.commands import refresh
from shared.bundle import find_bundle
from shared.versions import versions as versions_of


def prepare(models: Path, services: Collection[str]) -> None:
    """Fetches what the storage has, and imports the user's files; a service without any gets the model that ships."""
    refresh(models, services)
    originals.import_all(originals.find(models), models)
    shipped = ROOT / "models"
    for service in services if models.resolve() != shipped else ():
        if models.is_dir() and not versions_of(models, service) and versions_of(shipped, service):
            _lend(find_bundle(shipped, service), models / service)


def _lend(bundle: Path, home: Path) -> None:
    stage = home.parent / f".{home.name}-{bundle.name}"
    try:
        shutil.rmtree(stage, ignore_errors=True)
        shutil.copytree(bundle, stage)
        home.mkdir(exist_ok=True)
        stage.rename(home / bundle.name)
    except OSError as error:
        shutil.rmtree(stage, ignore_errors=True)
        show.note(f"✗ {home} cannot be written: {error.strerror or error}")
        return
    show.note(f"{home.name}: no model under the model path; the one that ships ({bundle.name}) was copied there")
