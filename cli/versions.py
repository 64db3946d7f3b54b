"""``doctorai models versions|activate|rollback|canary|shadow``: which of a service's bundles are served.

The commands write ``serving.json``; the services look at it each second. Then they watch through the gateway until
every instance has done it.
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
from shared.catalogue import Catalogue, activated
from shared.versions import Canary, Serving

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
    home, names = bundles.folder(models), [service] if service else known_services()
    found = [bundles.catalogue(models, name) for name in names]
    shown = found if service else [one for one in found if one.versions]
    if not shown:
        raise Failure(f"no bundle in {home}")
    rows = [row for one in shown for row in bundles.rows(one)]
    show.table(("service", "version", "created", "files", "served as"), rows)


def activate(
    service: Service,
    version: Wanted,
    models: Models = None,
    wait: Wait = True,
    timeout: Patience = TIMEOUT_S,
    url: Url = DEFAULT_URL,
) -> None:
    """Serve a version from now on. It is checked first; the one that answers now goes on until it is ready."""
    found = bundles.catalogue(models, service)
    bundles.check(found, version)
    before = bundles.serving(found)
    with watch.change(Change(found.service, "active", version), url, wait=wait, timeout_s=timeout):
        bundles.change(found, lambda now: activated(now, version))
        show.line(f"{found.service}: {version} will be served (was {before.active})")


def rollback(
    service: Service,
    models: Models = None,
    wait: Wait = True,
    timeout: Patience = TIMEOUT_S,
    url: Url = DEFAULT_URL,
) -> None:
    """Serve what was active before."""
    found = bundles.catalogue(models, service)
    previous = bundles.serving(found).previous
    if previous is None:
        raise Failure(f"{found.service}: nothing was active before")
    activate(service, previous, models, wait, timeout, url)


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
    found = bundles.catalogue(models, service)
    name, before = found.service, bundles.serving(found)
    wanted = _other(found, version, off, before)
    if not 0 < share <= 1:
        raise Failure(f"--share {share:g}: above 0, at most 1 is wanted")
    chosen = Canary(version=wanted, share=share) if wanted else None
    with watch.change(Change(name, "canary", wanted), url, wait=wait, timeout_s=timeout):
        bundles.change(found, lambda now: now.model_copy(update={"canary": chosen}))
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
    found = bundles.catalogue(models, service)
    name, before = found.service, bundles.serving(found)
    wanted = _other(found, version, off, before)
    with watch.change(Change(name, "shadow", wanted), url, wait=wait, timeout_s=timeout):
        bundles.change(found, lambda now: now.model_copy(update={"shadow": wanted}))
        show.line(f"{name}: {wanted} computes along" if wanted else f"{name}: no shadow")


def _other(found: Catalogue, version: str | None, off: bool, before: Serving) -> str | None:
    """The version that is to be served beside the active one; None for none."""
    if off:
        return None
    if version is None:
        raise Failure("a version, or --off, is wanted")
    if found.service in _ALONE:
        raise Failure(f"the {found.service} serves one version at a time")
    if version == before.active:
        raise Failure(f"{version} is the active version")
    bundles.check(found, version)
    return version
