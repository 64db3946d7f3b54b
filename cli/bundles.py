"""The bundles on this machine's disk, and the file that says which of them are served."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cli import show
from cli.plan import ROOT, known_services
from cli.show import Failure
from shared.catalogue import Catalogue
from shared.errors import BundleError, Conflict, NotFound
from shared.versions import Serving, VersionState

ALIASES = {"palm_disease": "palm"}


def folder(given: Path | None) -> Path:
    """Where the bundles are."""
    return given or Path(os.environ.get("MODEL_PATH") or ROOT / "models")


def choices(given: Path | None) -> Path | None:
    """Where choices are written, when not beside the bundles; those of another folder than MODEL_PATH are there."""
    found = os.environ.get("SERVING_PATH")
    return Path(found) if found and given in (None, folder(None)) else None


def catalogue(models: Path | None, name: str) -> Catalogue:
    """The bundles of the service that ``name`` means."""
    return Catalogue(folder(models), service_named(name), choices(models))


def service_named(name: str) -> str:
    """The service that ``name``, its own or its model's, means. Raises Failure listing what there is."""
    service = ALIASES.get(name, name)
    if service not in known_services():
        raise Failure(f"no service '{name}'; there are: {', '.join(known_services())}")
    return service


def serving(found: Catalogue) -> Serving:
    """What is chosen; the highest whole version where nothing is, or where the choice cannot be read."""
    if not found.versions:
        raise Failure(f"no bundle for {found.service} in {found.models}")
    try:
        return found.serving() or _highest(found)
    except BundleError as error:
        highest = _highest(found)
        show.note(f"{found.service}: {error.detail}; {highest.active} is taken for the active version")
        return highest


def change(found: Catalogue, make: Callable[[Serving], Serving]) -> None:
    """Writes what ``make`` makes of the choice that stands at this moment. Raises Failure when it cannot."""
    try:
        with found.alone():
            found.write(make(found.standing() or _highest(found)))  # one that cannot be read was told before
    except OSError as error:
        raise Failure(f"{(found.choices or found.models) / found.service}: {error.strerror}") from error


def check(found: Catalogue, version: str) -> None:
    """Raises Failure for a version that is not there, or whose files are not whole."""
    try:
        found.check(version)
    except (NotFound, Conflict) as error:
        raise Failure(error.detail) from error


def rows(found: Catalogue) -> list[tuple[str, ...]]:
    """A row a version: when it was made, whether its files are whole, as what it is served."""
    chosen = serving(found)
    return [
        (found.service, state.version, *_state(state), ", ".join(_roles(chosen, state.version)))
        for state in found.states()
    ]


def _highest(found: Catalogue) -> Serving:
    return found.highest() or Serving(active=found.versions[0])


def _state(state: VersionState) -> tuple[str, str]:
    return f"{state.created:%Y-%m-%d}" if state.created else "", state.problem or "whole"


def _roles(chosen: Serving, version: str) -> list[str]:
    roles = {"active": chosen.active, "previous": chosen.previous, "shadow": chosen.shadow}
    found = [role for role, wanted in roles.items() if wanted == version]
    if chosen.canary and chosen.canary.version == version:
        found.append(f"canary, {chosen.canary.share:.1%}")
    return found
