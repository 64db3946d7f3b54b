"""Imports a file, and says in one line why not: for the command and for what is found at start."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import bundles, show
from cli.show import Failure

if TYPE_CHECKING:
    from training.importing.child import Limits
    from training.importing.importer import Imported


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """SIGTERM ends what runs as Ctrl-C does: nothing half done stays."""

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(service: str, source: Path, models: Path, **given: Any) -> Imported:
    """Raises Failure with the reason why a file is not imported."""
    from training.importing.errors import Refused
    from training.importing.importer import Wanted, import_model

    try:
        with ending_cleanly():
            return import_model(Wanted(service, source, models, choices=bundles.choices(models), **given))
    except Refused as error:
        raise Failure(f"{source.name} is not imported: {error}") from error


def language_model(source: Path, models: Path, limits: Limits, sha256: str | None = None) -> None:
    """The chatbot's. Raises Failure with the reason why a folder is not imported."""
    from training.importing.errors import Refused
    from training.importing.language_model import import_language_model

    try:
        with ending_cleanly():
            folder, report = import_language_model(source, models, limits, sha256)
    except Refused as error:
        raise Failure(f"{source.name} is not imported: {error}") from error
    for language, text in report.facts.get("wrote", {}).items():
        show.line(f"  {language}: {text}")
    show.line(
        f"chatbot: {folder.name} ({report.facts.get('architecture')}) is used from now on, where PyTorch is there"
    )
