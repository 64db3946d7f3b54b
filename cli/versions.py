"""``doctorai models versions|activate|rollback|canary|shadow``: which of a service's bundles are served.

The commands write ``serving.json`` beside the bundles; the services look at it each second, so no model can be
exchanged over the network. Then they watch through the gateway until every instance has done it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import bundles, show, watch
from cli.ask import DEFAULT_URL, Url
from cli.plan import known_services
from cli.show import Failure
from cli.watch import TIMEOUT_S, Change, Patience, Wait
from shared.versions import Canary, Serving, versions

_ALONE = ("chatbot",)
"""Services that have no canary and no shadow."""
Service = Annotated[str, typer.Argument(help="tumor, xray, monkeypox, lung_colon, palm or chatbot.")]
AnyService = Annotated[str | None, typer.Argument(help="The same; all of them without it.")]
Wanted = Annotated[str, typer.Argument(help="A version, e.g. 1.1.0.")]
Maybe = Annotated[str | None, typer.Argument(help="A version, e.g. 1.1.0.")]
Off = Annotated[bool, typer.Option("--off", help="None from now on.")]
Models = Annotated[Path | None, typer.Option("--models", help="Folder of the bundles; MODEL_PATH, or what ships.")]


def list_versions(service: AnyService = None, models: Models = None) -> None:
    """The bundles that there are, which are served, and whether their files are whole."""
    home = bundles.folder(models)
    names = [bundles.service_named(service)] if service else [one for one in known_services() if versions(home, one)]
    if not names:
        raise Failure(f"no bundle in {home}")
    found = [row for name in names for row in bundles.rows(home, name)]
    show.table(("service", "version", "created", "files", "served as"), found)


def activate(
    service: Service,
    version: Wanted,
    models: Models = None,
    wait: Wait = True,
    timeout: Patience = TIMEOUT_S,
    url: Url = DEFAULT_URL,
) -> None:
    """Serve a version from now on. It is checked first; the one that answers now goes on until it is ready."""
    home, name = bundles.folder(models), bundles.service_named(service)
    bundles.check(home, name, version)
    before = bundles.serving(home, name)
    with watch.change(Change(name, "active", version), url, wait=wait, timeout_s=timeout):
        bundles.write(home, name, _activated(before, version))
        show.line(f"{name}: {version} will be served (was {before.active})")


def rollback(
    service: Service,
    models: Models = None,
    wait: Wait = True,
    timeout: Patience = TIMEOUT_S,
    url: Url = DEFAULT_URL,
) -> None:
    """Serve what was active before."""
    home, name = bundles.folder(models), bundles.service_named(service)
    previous = bundles.serving(home, name).previous
    if previous is None:
        raise Failure(f"{name}: nothing was active before")
    activate(name, previous, home, wait, timeout, url)


def canary(
    service: Service,
    version: Maybe = None,
    share: Annotated[float, typer.Option(help="Of the inputs, above 0, at most 1.")] = 0.05,
    off: Off = False,
    models: Models = None,
    wait: Wait = True,
    timeout: Patience = TIMEOUT_S,
    url: Url = DEFAULT_URL,
) -> None:
    """Let another version answer a share of the inputs, always the same ones."""
    home, name = bundles.folder(models), bundles.service_named(service)
    before = bundles.serving(home, name)
    wanted = _other(home, name, version, off, before)
    if not 0 < share <= 1:
        raise Failure(f"--share {share:g}: above 0, at most 1 is wanted")
    chosen = Canary(version=wanted, share=share) if wanted else None
    with watch.change(Change(name, "canary", wanted), url, wait=wait, timeout_s=timeout):
        bundles.write(home, name, before.model_copy(update={"canary": chosen}))
        show.line(f"{name}: {wanted} answers {share:.1%} of the inputs" if wanted else f"{name}: no canary")


def shadow(
    service: Service,
    version: Maybe = None,
    off: Off = False,
    models: Models = None,
    wait: Wait = True,
    timeout: Patience = TIMEOUT_S,
    url: Url = DEFAULT_URL,
) -> None:
    """Let another version compute along; its answers are only compared."""
    home, name = bundles.folder(models), bundles.service_named(service)
    before = bundles.serving(home, name)
    wanted = _other(home, name, version, off, before)
    with watch.change(Change(name, "shadow", wanted), url, wait=wait, timeout_s=timeout):
        bundles.write(home, name, before.model_copy(update={"shadow": wanted}))
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


def _other(models: Path, service: str, version: str | None, off: bool, before: Serving) -> str | None:
    """The version that is to be served beside the active one; None for none."""
    if off:
        return None
    if version is None:
        raise Failure("a version, or --off, is wanted")
    if service in _ALONE:
        raise Failure(f"the {service} serves one version at a time")
    if version == before.active:
        raise Failure(f"{version} is the active version")
    bundles.check(models, service, version)
    return version
