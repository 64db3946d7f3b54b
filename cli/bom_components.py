"""The components of the BOM, by the CycloneDX library: models with their files and ancestors, and data sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType, Pedigree
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot7

from cli.bom_bundle import UNSTATED, BomBundle
from shared.manifest import FileEntry
from shared.version import VERSION

_TOOL = "doctorai models bom"


def bom_of(bundles: list[BomBundle], serial: UUID, time: datetime, *, tool: str = _TOOL) -> Bom:
    """Of the project, with its models and their data."""
    bom = Bom(serial_number=serial)
    bom.metadata.timestamp = time
    project = Component(
        name="doctorai", version=VERSION, type=ComponentType.APPLICATION, bom_ref="doctorai", licenses=[licence("MIT")]
    )
    bom.metadata.component = project
    bom.metadata.tools.components.add(Component(name=tool, version=VERSION, type=ComponentType.APPLICATION))
    for bundle in bundles:
        model, data = _model(bundle), _data(bundle)
        bom.components.update((model, data))
        bom.register_dependency(project, [model])
        bom.register_dependency(model, [data])
    return bom


def json_of(bom: Bom) -> str:
    """CycloneDX 1.7."""
    return JsonV1Dot7(bom).output_as_string()


def _model(bundle: BomBundle) -> Component:
    manifest = bundle.manifest
    return Component(
        name=manifest.model,
        version=manifest.version,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=bundle.ref,
        description=f"{bundle.definition.title}. {bundle.definition.disclaimer}",
        hashes=[_sha256(bundle.digest)],
        licenses=[licence(bundle.licence)],
        components=[_file(bundle, path, entry) for path, entry in manifest.files.items()],
        pedigree=_pedigree(bundle),
        external_references=[
            ExternalReference(type=ExternalReferenceType.MODEL_CARD, url=XsUri(f"docs/models/{manifest.model}.md"))
        ],
        properties=[
            Property(name="doctorai:hash-of", value="manifest.json, which names the hash of every file"),
            Property(name="doctorai:runtime", value=manifest.runtime),
            Property(name="doctorai:created", value=manifest.created),
        ],
    )


def _file(bundle: BomBundle, path: str, entry: FileEntry) -> Component:
    words = bundle.file_licence(path)
    return Component(
        name=path,
        type=ComponentType.FILE,
        bom_ref=f"{bundle.ref}/{path}",
        hashes=[_sha256(entry.sha256)],
        licenses=[licence(words)] if words else [],
        properties=[Property(name="doctorai:bytes", value=str(entry.bytes))],
    )


def _pedigree(bundle: BomBundle) -> Pedigree | None:
    """None for a model that was trained from nothing."""
    ancestors = [_ancestor(bundle, facts) for facts in bundle.base_weights]
    command = bundle.manifest.provenance.get("command")
    notes = f"Made by: {command}" if command else None
    return Pedigree(ancestors=ancestors, notes=notes) if ancestors or notes else None


def _ancestor(bundle: BomBundle, facts: Mapping[str, Any]) -> Component:
    return Component(
        name=str(facts["name"]),
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"{bundle.ref}/base/{facts['name']}",
        description=str(facts.get("weights", "")) or None,
        hashes=[_sha256(facts["sha256"])] if "sha256" in facts else [],
        licenses=[licence(str(facts.get("licence", UNSTATED)))],
    )


def _data(bundle: BomBundle) -> Component:
    return Component(
        name=f"{bundle.manifest.model} training data",
        version=bundle.manifest.version,
        type=ComponentType.DATA,
        bom_ref=bundle.data_ref,
        description=str(bundle.data.get("source", UNSTATED)),
        licenses=[licence(str(bundle.data.get("licence", UNSTATED)))],
        properties=[Property(name="doctorai:split", value=str(bundle.data["split"]))] if "split" in bundle.data else [],
    )


def licence(words: str) -> License:
    """What was declared: an SPDX id where it is one, else the words as a name."""
    return LicenseFactory().make_from_string(words, license_acknowledgement=LicenseAcknowledgement.DECLARED)


def _sha256(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
