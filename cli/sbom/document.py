"""The CycloneDX document of an image: the image, its packages, the models that it serves."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.spdx import is_supported_id
from packageurl import PackageURL

from cli.bom import with_cards
from cli.bom_bundle import BomBundle
from cli.bom_components import bom_of, json_of, licence
from cli.sbom.image import Content
from cli.sbom.packages import Package

_TOOL = "doctorai make sbom"
_LONGEST_LICENCE = 100
"""Letters; a package may have its licence's whole text where its name belongs."""
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""Licence classifiers that mean one SPDX licence; the others stay words."""


def document(content: Content, bundles: list[BomBundle], time: datetime) -> dict[str, Any]:
    """The same content at the same time gives the same. Without an image's id it is of an environment."""
    bom = bom_of(bundles, uuid5(NAMESPACE_URL, f"{content.name} {content.id} {time.isoformat()}"), time, tool=_TOOL)
    if content.id:
        _set_image(bom, content)
    _add_system(bom, content.packages)
    if content.python:
        _add_python(bom, content.python)
    return with_cards(json_of(bom), bundles)


def _set_image(bom: Bom, content: Content) -> None:
    """The image is what the document is of; the project is one of its parts."""
    name, _, tag = content.name.rpartition(":")
    image = Component(
        name=name,
        version=tag,
        type=ComponentType.CONTAINER,
        bom_ref="image",
        hashes=[_sha256(content.id)],
        properties=[Property(name=key, value=value) for key, value in sorted(content.labels.items())],
    )
    project, bom.metadata.component = bom.metadata.component, image
    if project and content.labels.get("org.opencontainers.image.title", "").startswith("doctorai-"):
        bom.components.add(project)
        bom.register_dependency(image, [project])


def _add_system(bom: Bom, packages: list[Package]) -> None:
    found = [_system(package) for package in packages]
    bom.components.update(found)
    _depend(bom, found)


def _system(package: Package) -> Component:
    kind, where, name = package.kind, package.distribution, package.name
    purl = PackageURL(kind, where, name, package.version, package.qualifiers)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=[licence(package.licence)] if package.licence else [],
    )


def _add_python(bom: Bom, python: dict[str, Any]) -> None:
    facts = python["python"]
    purl = PackageURL("generic", None, "python", facts["version"])
    interpreter = Component(
        name=facts["name"],
        version=facts["version"],
        type=ComponentType.PLATFORM,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=[licence("PSF-2.0")],
    )
    found = {_normal(one["name"]): (_library(one), one) for one in python["packages"] if one["name"] != "doctorai"}
    bom.components.update([interpreter, *(component for component, _ in found.values())])
    inner: set[str] = set()
    for component, one in found.values():
        needed = {name for name in map(_normal, one["requires"]) if name in found and found[name][0] != component}
        bom.register_dependency(component, [found[name][0] for name in sorted(needed)])
        inner |= needed
    _depend(bom, [interpreter, *(component for name, (component, _) in found.items() if name not in inner)])


def _library(one: dict[str, Any]) -> Component:
    purl = PackageURL("pypi", None, _normal(one["name"]), one["version"])
    properties = [Property(name="doctorai:place", value=one["place"])]
    if one["record"]:
        properties.append(Property(name="doctorai:record-sha256", value=one["record"]))
    return Component(
        name=one["name"],
        version=one["version"],
        type=ComponentType.LIBRARY,
        bom_ref=f"{purl.to_string()}#{one['place']}",
        purl=purl,
        description=one["summary"] or None,
        licenses=_licences(one),
        hashes=[_sha256(one["sha256"])] if one["sha256"] else [],
        properties=properties,
    )


def _licences(one: dict[str, Any]) -> list[License]:
    """What is in SPDX's words, else its classifiers, else what stands where its name belongs."""
    names = [line.rpartition(" :: ")[2] for line in one["classifiers"] if line != "License :: OSI Approved"]
    words = one["licence"] or ""
    if one["expression"] or is_supported_id(words):
        return [licence(words)]
    if names:
        return [licence(_SPDX.get(name, name)) for name in sorted(set(names))]
    return (
        [licence(words)] if words not in ("", "UNKNOWN") and "\n" not in words and len(words) < _LONGEST_LICENCE else []
    )


def _depend(bom: Bom, components: list[Component]) -> None:
    if bom.metadata.component:
        bom.register_dependency(bom.metadata.component, components)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _sha256(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
