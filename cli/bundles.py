"""The bundles on this machine's disk, and the file that says which of them are served."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ConfigDict

from cli import show
from cli.plan import ROOT, known_services
from cli.show import Failure
from shared.bundle import open_bundle_as
from shared.errors import BundleError
from shared.manifest import BundleManifest
from shared.versions import Serving, read_serving, versions, write_serving

_ALIASES = {"palm_disease": "palm"}


class AnyManifest(BundleManifest):
    """What all bundles have in common: the chatbot's manifest is another than the models'."""

    model_config = ConfigDict(extra="ignore")


def folder(given: Path | None) -> Path:
    """Where the bundles are."""
    return given or Path(os.environ.get("MODEL_PATH", str(ROOT / "models")))


def service_named(name: str) -> str:
    """The service that ``name``, its own or its model's, means. Raises Failure listing what there is."""
    service = _ALIASES.get(name, name)
    if service not in known_services():
        raise Failure(f"no service '{name}'; there are: {', '.join(known_services())}")
    return service


def serving(models: Path, service: str) -> Serving:
    """What is chosen; the highest version where nothing is, or where the choice cannot be read."""
    found = versions(models, service)
    if not found:
        raise Failure(f"no bundle for {service} in {models}")
    try:
        return read_serving(models, service) or Serving(active=found[0])
    except BundleError as error:
        show.note(f"{service}: {error.detail}; {found[0]} is taken for the active version")
        return Serving(active=found[0])


def write(models: Path, service: str, chosen: Serving) -> None:
    """Raises Failure when it cannot."""
    try:
        write_serving(models, service, chosen)
    except OSError as error:
        raise Failure(f"{models / service}: {error.strerror}") from error


def check(models: Path, service: str, version: str) -> None:
    """Raises Failure for a version that is not there, or whose files are not whole."""
    if version not in versions(models, service):
        raise Failure(f"no bundle {service}/{version} in {models}; there are: {', '.join(versions(models, service))}")
    try:
        open_bundle_as(AnyManifest, models / service / version)
    except BundleError as error:
        raise Failure(f"{service}/{version}: {error.detail}") from error


def rows(models: Path, service: str) -> list[tuple[str, ...]]:
    """A row a version: when it was made, whether its files are whole, as what it is served."""
    chosen = serving(models, service)
    return [
        (service, version, *_state(models / service / version), ", ".join(_roles(chosen, version)))
        for version in versions(models, service)
    ]


def _state(root: Path) -> tuple[str, str]:
    try:
        return open_bundle_as(AnyManifest, root).manifest.created, "whole"
    except BundleError as error:
        return "", error.detail


def _roles(chosen: Serving, version: str) -> list[str]:
    roles = {"active": chosen.active, "previous": chosen.previous, "shadow": chosen.shadow}
    found = [role for role, wanted in roles.items() if wanted == version]
    if chosen.canary and chosen.canary.version == version:
        found.append(f"canary, {chosen.canary.share:.1%}")
    return found
