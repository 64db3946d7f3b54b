"""``doctorai models versions|activate|rollback|canary|shadow``: which of a service's bundles are served.

The commands write ``serving.json`` beside the bundles; the services look at it each second, so no model can be
exchanged over the network.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ConfigDict

from cli import show
from cli.plan import ROOT, known_services
from cli.show import Failure
from shared.bundle import open_bundle_as
from shared.errors import BundleError
from shared.manifest import BundleManifest
from shared.versions import Canary, Serving, read_serving, versions, write_serving

_ALIASES = {"palm_disease": "palm"}
Service = Annotated[str, typer.Argument(help="tumor, xray, monkeypox, lung_colon, palm or chatbot.")]
Wanted = Annotated[str, typer.Argument(help="A version, e.g. 1.1.0.")]
Maybe = Annotated[str | None, typer.Argument(help="A version, e.g. 1.1.0.")]
Off = Annotated[bool, typer.Option("--off", help="None from now on.")]


class _AnyManifest(BundleManifest):
    """What all bundles have in common: the chatbot's manifest is another than the models'."""

    model_config = ConfigDict(extra="ignore")


Models = Annotated[Path | None, typer.Option("--models", help="Folder of the bundles; MODEL_PATH, or what ships.")]


def list_versions(service: Service, models: Models = None) -> None:
    """The bundles that there are, which are served, and whether their files are whole."""
    home, name = models_folder(models), service_name(service)
    serving = _serving(home, name)
    rows = [
        (version, *_state(home / name / version), ", ".join(_roles(serving, version)))
        for version in versions(home, name)
    ]
    show.table(("version", "created", "files", "served as"), rows)


def activate(service: Service, version: Wanted, models: Models = None) -> None:
    """Serve a version from now on. It is checked first; the one that answers now goes on until it is ready."""
    home, name = models_folder(models), service_name(service)
    _check(home, name, version)
    before = _serving(home, name)
    _write(home, name, _activated(before, version))
    show.line(f"{name}: {version} will be served (was {before.active})")


def rollback(service: Service, models: Models = None) -> None:
    """Serve what was active before."""
    home, name = models_folder(models), service_name(service)
    previous = _serving(home, name).previous
    if previous is None:
        raise Failure(f"{name}: nothing was active before")
    activate(name, previous, home)


def canary(
    service: Service,
    version: Maybe = None,
    share: Annotated[float, typer.Option(help="Of the inputs, above 0, at most 1.")] = 0.05,
    off: Off = False,
    models: Models = None,
) -> None:
    """Let another version answer a share of the inputs, always the same ones."""
    home, name = models_folder(models), service_name(service)
    wanted = _other(home, name, version, off)
    if not 0 < share <= 1:
        raise Failure(f"--share {share:g}: above 0, at most 1 is wanted")
    chosen = Canary(version=wanted, share=share) if wanted else None
    _write(home, name, _serving(home, name).model_copy(update={"canary": chosen}))
    show.line(f"{name}: {wanted} answers {share:.1%} of the inputs" if wanted else f"{name}: no canary")


def shadow(service: Service, version: Maybe = None, off: Off = False, models: Models = None) -> None:
    """Let another version compute along; its answers are only compared."""
    home, name = models_folder(models), service_name(service)
    wanted = _other(home, name, version, off)
    _write(home, name, _serving(home, name).model_copy(update={"shadow": wanted}))
    show.line(f"{name}: {wanted} computes along" if wanted else f"{name}: no shadow")


def _activated(before: Serving, version: str) -> Serving:
    """A version that becomes active is nobody's canary or shadow any more."""
    changes: dict[str, object] = {"active": version}
    if before.active != version:
        changes["previous"] = before.active
    if before.canary and before.canary.version == version:
        changes["canary"] = None
    if before.shadow == version:
        changes["shadow"] = None
    return before.model_copy(update=changes)


def models_folder(given: Path | None) -> Path:
    """Where the bundles are."""
    return given or Path(os.environ.get("MODEL_PATH", str(ROOT / "models")))


def service_name(name: str) -> str:
    """The folder's name; the model's own is taken, too. Raises Failure for neither."""
    service = _ALIASES.get(name, name)
    if service not in known_services():
        raise Failure(f"no service '{name}'; there are: {', '.join(known_services())}")
    return service


def _serving(models: Path, service: str) -> Serving:
    """What is chosen; the highest version where nothing is, or where the choice cannot be read."""
    found = versions(models, service)
    if not found:
        raise Failure(f"no bundle for {service} in {models}")
    try:
        return read_serving(models, service) or Serving(active=found[0])
    except BundleError as error:
        show.note(f"{error.detail}; it is written anew")
        return Serving(active=found[0])


def _write(models: Path, service: str, serving: Serving) -> None:
    try:
        write_serving(models, service, serving)
    except OSError as error:
        raise Failure(f"{models / service}: {error.strerror}") from error


def _other(models: Path, service: str, version: str | None, off: bool) -> str | None:
    if off:
        return None
    if version is None:
        raise Failure("a version, or --off, is wanted")
    if version == _serving(models, service).active:
        raise Failure(f"{version} is the active version")
    _check(models, service, version)
    return version


def _check(models: Path, service: str, version: str) -> None:
    """Raises Failure for a version that is not there, or whose files are not whole."""
    if version not in versions(models, service):
        raise Failure(f"no bundle {service}/{version} in {models}; there are: {', '.join(versions(models, service))}")
    try:
        open_bundle_as(_AnyManifest, models / service / version)
    except BundleError as error:
        raise Failure(f"{service}/{version}: {error.detail}") from error


def _state(root: Path) -> tuple[str, str]:
    try:
        return open_bundle_as(_AnyManifest, root).manifest.created, "whole"
    except BundleError as error:
        return "", error.detail


def _roles(serving: Serving, version: str) -> list[str]:
    roles = {"active": serving.active, "previous": serving.previous, "shadow": serving.shadow}
    found = [role for role, chosen in roles.items() if chosen == version]
    if serving.canary and serving.canary.version == version:
        found.append(f"canary, {serving.canary.share:.1%}")
    return found
