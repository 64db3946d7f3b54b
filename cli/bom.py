"""``doctorai models bom``: what the bundles are made of, as a CycloneDX ML-BOM for whoever has to account for them.

The library (``cyclonedx-python-lib`` 11) writes the components, but knows no model cards and no data sets: those are
put into its JSON, and the tests hold the whole against the schema of CycloneDX.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import typer

from cli import bom_card, bundles, show
from cli.bom_bundle import BomBundle, read_bundle
from cli.plan import known_services
from cli.show import Failure
from cli.versions import Models
from shared.versions import versions

Which = Annotated[str | None, typer.Argument(help="tumor, xray, monkeypox, lung_colon, palm or chatbot; all without.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of standard output.")]


def bom(service: Which = None, models: Models = None, output: Output = None) -> None:
    """Write a CycloneDX ML-BOM: files and hashes, licences, data, base weights, and a model card of each bundle."""
    home = bundles.folder(models)
    wanted = [bundles.service_named(service)] if service else known_services()
    found = [read_bundle(home, name, version) for name in wanted for version in versions(home, name)]
    if not found:
        raise Failure(f"no bundle for {service or 'any service'} in {home}")
    written = document(found, now())
    if output is None:
        show.write_json(written)
        return
    try:
        output.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"{output}: {error.strerror}") from error


def document(bundles: list[BomBundle], time: datetime) -> dict[str, Any]:
    """The BOM; the same bundles at the same time give the same."""
    from cli import bom_components  # its library takes a while to import, and no other command needs it

    return with_cards(bom_components.json_of(bom_components.bom_of(bundles, _serial(bundles, time), time)), bundles)


def with_cards(text: str, bundles: list[BomBundle]) -> dict[str, Any]:
    """The BOM that ``text`` is, with what the library cannot write of each model."""
    found: dict[str, Any] = json.loads(text)
    for bundle in bundles:
        components = {component["bom-ref"]: component for component in found["components"]}
        components[bundle.ref]["modelCard"] = bom_card.model_card(bundle)
        components[bundle.data_ref]["data"] = [bom_card.data_set(bundle)]
    return found


def _serial(bundles: list[BomBundle], time: datetime) -> UUID:
    """New for every time, as the standard asks, and yet the same where the time is given."""
    return uuid5(NAMESPACE_URL, "doctorai " + " ".join((time.isoformat(), *(bundle.digest for bundle in bundles))))


def now() -> datetime:
    """``SOURCE_DATE_EPOCH`` where it is set, so that a build can be repeated."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return datetime.now(UTC).replace(microsecond=0)
    if not given.isdecimal():
        raise Failure("SOURCE_DATE_EPOCH is not a number of seconds")
    return datetime.fromtimestamp(int(given), UTC)
