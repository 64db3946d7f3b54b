"""``doctorai models pull`` and ``push``, and the pull before the system starts."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import bundles, show, versions
from cli.importing import ending_cleanly
from cli.plan import known_services
from cli.show import Failure

if TYPE_CHECKING:
    from cli.storage.azure import AzureStore
    from cli.storage.pull import Outcome

_WHAT = "SERVICE/VERSION in the model path, or the folder of a bundle."
_NAMED = re.compile(r"([a-z][a-z0-9_]*)/([0-9]+\.[0-9]+\.[0-9]+)")
_SHOWN = 3
Services = Annotated[list[str] | None, typer.Argument(help="Whose; without it all.")]
ReplaceHere = Annotated[bool, typer.Option("--replace", help="Also what is here, differs, and was not fetched.")]
ReplaceThere = Annotated[bool, typer.Option("--replace", help="Also a version that is there with another content.")]


def pull(services: Services = None, replace: ReplaceHere = False, models: versions.Models = None) -> None:
    """Fetch the models that are missing here, or differ, from AZURE_STORAGE_CONNECTION_STRING."""
    names = [bundles.service_named(name) for name in services or ()]
    with closing(_named_store()) as store:
        outcome = _pull(store, bundles.folder(models), names or known_services(), replace=replace)
    if outcome.refused:
        raise Failure(f"{len(outcome.refused)} not fetched; the others are here")


def push(
    what: Annotated[list[str], typer.Argument(help=_WHAT)],
    replace: ReplaceThere = False,
    models: versions.Models = None,
) -> None:
    """Upload bundles to AZURE_STORAGE_CONNECTION_STRING, for other machines to pull."""
    from cli.storage.progress import Progress
    from cli.storage.push import open_to_push
    from cli.storage.push import push as upload

    found = []
    for word in what:
        named = _NAMED.fullmatch(word)
        root = bundles.folder(models) / word if named else Path(word)
        bundle = open_to_push(root.resolve())
        service = bundles.service_named(named[1] if named else bundle.manifest.model)
        found.append((service, bundle))
    with closing(_named_store()) as store, ending_cleanly():
        store.make_container()
        for service, bundle in found:
            sent = upload(store, bundle, service, Progress(), replace=replace)
            show.line(f"{service}/{bundle.manifest.version} {'is' if sent else 'was already'} in {store.where}")


def refresh(models: Path, services: Collection[str]) -> None:
    """Before the system starts: pulls, where a storage is named. Without it, what is here serves; a line says why."""
    store = _store()
    if store is None:
        return
    try:
        with closing(store):
            _pull(store, models, services)
    except Failure as error:
        show.failure(error)
        show.note(f"what is in {models} is served")


def _pull(store: AzureStore, models: Path, services: Collection[str], *, replace: bool = False) -> Outcome:
    from cli.storage.progress import Progress
    from cli.storage.pull import Outcome
    from cli.storage.pull import pull as fetch

    if not store.private:
        show.note(f"! {store.where} is reached without TLS: whoever is on the way can exchange a model")
    outcome = Outcome()
    try:
        with ending_cleanly():
            fetch(store, models, services, Progress(), outcome, replace=replace)
    finally:  # also what was done before it broke off
        _tell(outcome, store)
    counts = (len(outcome.fetched), len(outcome.current), len(outcome.refused))
    show.note("{} fetched, {} as they were, {} not fetched".format(*counts))
    return outcome


def _tell(outcome: Outcome, store: AzureStore) -> None:
    for name in outcome.fetched:
        show.line(f"{name} was fetched from {store.where}")
    for name, reason in outcome.refused.items():
        show.note(f"✗ {name} is not fetched: {reason}")
    if outcome.strange:
        shown = ", ".join(outcome.strange[:_SHOWN])
        show.note(f"{len(outcome.strange)} blobs are no model's, and were left: {shown[:200]}")


def _named_store() -> AzureStore:
    store = _store()
    if store is None:
        raise Failure("AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_CONNECTION_STRING_FILE, is not set")
    return store


def _store() -> AzureStore | None:
    """None where none is named."""
    from cli.storage.settings import StorageSettings
    from shared.settings import load_settings

    settings = load_settings(StorageSettings)
    if settings.azure_storage_connection_string is None:
        return None
    try:
        from cli.storage.azure import AzureStore
    except ImportError as error:
        raise Failure(f"{error}; pip install 'doctorai[cli]' has it") from None
    return AzureStore(settings.azure_storage_connection_string.get_secret_value(), settings.azure_storage_container)
