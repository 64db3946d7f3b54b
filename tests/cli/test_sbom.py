"""The bill of materials is valid CycloneDX, and of what is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from cli.plan import ROOT, known_services
from cli.sbom.__main__ import served_by, shipped, write
from cli.sbom.document import document
from cli.sbom.image import Content, read_python
from cli.sbom.packages import apk_packages, dpkg_packages

TIME = datetime(2026, 11, 28, tzinfo=UTC)
DEBIAN = 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n'
STATUS = """\
Package: libssl3
Status: install ok installed
Architecture: amd64
Version: 3.0.15-1~deb12u1
Description: a library
 Package: not-one

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2026a-0+deb12u1
"""
APK = "C:Q1abc=\nP:musl\nV:1.2.5-r9\nA:x86_64\nL:MIT\n\nP:busybox\nV:1.37.0-r12\nA:x86_64\nL:GPL-2.0-only\n\n"


def package(name: str, **facts: Any) -> dict[str, Any]:
    known = {"place": "venv", "licence": None, "expression": False, "classifiers": [], "summary": None, "requires": []}
    return known | {"name": name, "version": "1.0", "record": None, "sha256": None} | facts


def content(*packages: dict[str, Any]) -> Content:
    python = {"python": {"name": "CPython", "version": "3.11.9"}, "packages": list(packages)}
    labels = {"org.opencontainers.image.title": "doctorai-tumor", "org.opencontainers.image.revision": "abc"}
    return Content("doctorai/tumor:1", "ab" * 32, labels, dpkg_packages(STATUS, DEBIAN), python)


def valid(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Its components, by their name."""
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(found)) is None
    return {part["name"]: part for part in found["components"]}


def test_an_image() -> None:
    needs = package("needs", requires=["Toy.Lib", "not-here"])
    found = document(content(needs, package("toy_lib")), shipped(["tumor"]), TIME)
    parts = valid(found)
    image = found["metadata"]["component"]
    assert (image["type"], image["name"], image["version"]) == ("container", "doctorai/tumor", "1")
    assert image["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert {"name": "org.opencontainers.image.revision", "value": "abc"} in image["properties"]
    assert parts["toy_lib"]["purl"] == "pkg:pypi/toy-lib@1.0"
    assert parts["libssl3"]["purl"] == "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12"
    assert parts["CPython"]["purl"] == "pkg:generic/python@3.11.9"
    assert parts["tumor"]["modelCard"]
    assert not {"gone", "xray", "not-one"} & parts.keys()


def test_who_needs_whom() -> None:
    needs = package("needs", requires=["Toy.Lib", "not-here"])
    found = document(content(needs, package("toy_lib")), [], TIME)
    edges = {edge["ref"]: edge.get("dependsOn", []) for edge in found["dependencies"]}
    assert edges["pkg:pypi/needs@1.0#venv"] == ["pkg:pypi/toy-lib@1.0#venv"]
    assert "pkg:pypi/needs@1.0#venv" in edges["image"]
    assert "pkg:pypi/toy-lib@1.0#venv" not in edges["image"]
    assert "doctorai" in edges["image"]


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"licence": "MIT OR Apache-2.0", "expression": True}, [{"expression": "MIT OR Apache-2.0"}]),
        ({"licence": "BSD-3-Clause", "classifiers": ["License :: OSI Approved :: BSD License"]}, ["BSD-3-Clause"]),
        ({"licence": "MIT License\n\nCopyright …", "classifiers": ["License :: OSI Approved :: MIT License"]}, ["MIT"]),
        ({"classifiers": ["License :: OSI Approved", "License :: OSI Approved :: BSD License"]}, ["BSD License"]),
        ({"licence": "Three-clause BSD"}, ["Three-clause BSD"]),
        ({"licence": "UNKNOWN"}, []),
        ({"licence": "The whole text\nof a licence"}, []),
    ],
)
def test_licences(facts: dict[str, Any], wanted: list[Any]) -> None:
    part = valid(document(content(package("toy", **facts)), [], TIME))["toy"]
    found = [
        {"expression": one["expression"]}
        if "expression" in one
        else one["license"].get("id", one["license"].get("name"))
        for one in part.get("licenses", [])
    ]
    assert found == wanted


def test_hashes_where_there_are() -> None:
    parts = valid(document(content(package("toy", sha256="cd" * 32), package("other", record="ef" * 32)), [], TIME))
    assert parts["toy"]["hashes"] == [{"alg": "SHA-256", "content": "cd" * 32}]
    assert "hashes" not in parts["other"]
    assert {"name": "doctorai:record-sha256", "value": "ef" * 32} in parts["other"]["properties"]


def test_an_image_of_others() -> None:
    """Without Python, and without our project in it."""
    found = document(
        Content("redis:7-alpine", "ab" * 32, {}, apk_packages(APK, "ID=alpine\nVERSION_ID=3.22.1\n")), [], TIME
    )
    parts = valid(found)
    assert parts.keys() == {"musl", "busybox"}
    assert parts["musl"]["purl"] == "pkg:apk/alpine/musl@1.2.5-r9?arch=x86_64&distro=alpine-3.22.1"
    assert parts["busybox"]["licenses"][0]["license"]["id"] == "GPL-2.0-only"


def test_the_environment_is_what_is_installed() -> None:
    parts = valid(document(Content("environment", "", python=read_python(sys.executable)), [], TIME))
    installed = {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one.version for one in distributions()}
    told = {part["purl"].split("/")[1].split("@")[0]: part["version"] for part in parts.values() if "purl" in part}
    assert told["fastapi"] == installed["fastapi"]
    assert installed.keys() - {"doctorai"} <= told.keys()
    assert parts["fastapi"]["licenses"][0]["license"]["id"] == "MIT"


def test_the_same_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    texts = [write(content(package("a"), package("b")), shipped(["xray"]), tmp_path).read_text() for _ in range(2)]
    assert texts[0] == texts[1]
    assert [path.name for path in tmp_path.iterdir()] == ["tumor.cdx.json"]


def test_the_inventory_runs_alone() -> None:
    """In an image there is nothing of ours that it could import."""
    text = (ROOT / "cli" / "sbom" / "inventory.py").read_text()
    command = [sys.executable, "-I", "-S", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd="/", check=True)
    assert json.loads(done.stdout)["python"]["name"] == "CPython"


def test_which_models_an_image_serves() -> None:
    assert served_by({"tumor"}) == ["tumor"]
    assert served_by({"secrets", "models"}) == known_services()
    assert served_by({"redis"}) == []
