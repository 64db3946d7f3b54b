"""A bundle as its BOM needs it: what the six kinds of manifest have in common, read without the service's libraries."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import ConfigDict, Field

from cli.show import Failure
from shared.bundle import open_bundle_as
from shared.definition import ServiceDefinition
from shared.errors import BundleError
from shared.manifest import BundleManifest, Signature

UNSTATED = "not stated"


class BomManifest(BundleManifest):
    """The chatbot's manifest has neither labels nor signatures."""

    model_config = ConfigDict(extra="ignore")
    labels: tuple[str, ...] = ()
    signatures: dict[str, Signature] = Field(default_factory=dict)


@dataclass(frozen=True)
class BomBundle:
    """A bundle whose files are whole, and what its service says of itself. ``digest``: SHA-256 of the manifest."""

    definition: ServiceDefinition
    manifest: BomManifest
    digest: str

    @property
    def ref(self) -> str:
        return f"model/{self.manifest.model}/{self.manifest.version}"

    @property
    def data_ref(self) -> str:
        return f"data/{self.manifest.model}/{self.manifest.version}"

    @property
    def licence(self) -> str:
        """Of the bundle's own weights; those that they were made from may have another."""
        return str(self.manifest.provenance.get("licence", UNSTATED))

    def file_licence(self, path: str) -> str | None:
        """The gate's network is published weights in another form, under their own licence; None: as the bundle."""
        gates = {signature.guard.network for signature in self.manifest.signatures.values() if signature.guard}
        licence = self.manifest.provenance.get("gate_weights", {}).get("licence")
        return str(licence) if path in gates and licence else None

    @property
    def data(self) -> Mapping[str, Any]:
        """``source``, ``licence`` and ``split`` of the training data, as far as they are known."""
        found = self.manifest.provenance.get("data", {})
        return found if isinstance(found, dict) else {"source": str(found)}

    @property
    def base_weights(self) -> list[Mapping[str, Any]]:
        """The published weights that it was made from, the gate's among them; each once."""
        names = ("base_weights", "gate_weights")
        found = [self.manifest.provenance[name] for name in names if name in self.manifest.provenance]
        return list({str(one.get("sha256", one["name"])): one for one in found}.values())


def read_bundle(models: Path, service: str, version: str) -> BomBundle:
    """Raises Failure for a bundle whose files are not whole: a BOM of it would be untrue."""
    try:
        bundle = open_bundle_as(BomManifest, models / service / version)
    except BundleError as error:
        raise Failure(f"{service}/{version}: {error.detail}") from error
    definition = importlib.import_module(f"services.{service}.definition").SERVICE
    return BomBundle(cast(ServiceDefinition, definition).about(bundle.manifest), bundle.manifest, bundle.digest)
