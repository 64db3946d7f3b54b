"""What somebody who can write to the container may put there: nothing gets out of the model path, or half into it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.storage import bring, pull
from cli.storage.store import Blob
from cli.storage.units import find_units
from tests.cli.storage.conftest import Run, Storage, tree, write_bundle

NAMES = (
    "../evil.json",
    "xray/1.0.0/../../../evil",
    "xray/1.0.0/..",
    "/etc/evil",
    "xray/1.0.0//evil",
    "xray/1.0.0/a\\..\\b",
    "xray/1.0.0/\x1b[31mred",
    "xray/1.0.0/\u202egnp.exe",
    "xray/1.0.0/.hidden",
    "xray/.storage/lock",
    ".storage/fetched.json",
    "xray/serving.json",
    "xray/\u0661.0.0/manifest.json",
    "xray/1.0.0/" + "a" * 300,
    "chatbot/1.0/../config.json",
    "..config/config.json",
    "brain/1.0.0/manifest.json",
    "Tumor.h5/../../evil.h5",
    "palm/Tumor.h5",
)


def blobs(*names: str) -> list[Blob]:
    return [Blob(name, 1, "tag") for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_of_no_unit(name: str) -> None:
    assert find_units(blobs(name)) == ([], [name])


def test_hostile_names_reach_nothing(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """As far as the storage itself takes them."""
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    strange = {"..evil.json", "xray/1.0.0/\u202egnp.exe", "xray/1.0.0/a\\..\\b", "xray/serving.json", "brain/x"}
    for name in strange:
        storage.put(name, b"evil")
    said = run("pull")
    assert "1 fetched, 0 as they were" in said
    assert "5 blobs are no model's, and were left:" in said
    assert "\u202e" not in said
    assert tree(models) == tree(elsewhere)
    assert {path.name for path in models.parent.iterdir()} <= {"models", "elsewhere", "config"}


def _moved(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest["files"].update({name: manifest["files"].pop("golden.png")})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            _moved("../golden.png"),
            "manifest.json is not valid: Value error, '../golden.png' is not a plain",
        ),
        (_moved("/etc/passwd"), "is not a plain relative path"),
        (_moved("manifest.json"), "manifest.json is in the manifest, but not in the storage"),
        (_moved("nothing.png"), "nothing.png is in the manifest, but not in the storage"),
        (lambda manifest: manifest.update(version="2.0.0"), "manifest.json says version 2.0.0"),
        (lambda manifest: manifest.pop("files"), "manifest.json.files is not valid: Field required"),
        (lambda manifest: manifest["files"]["golden.png"].update(bytes=7), "the manifest says 7"),
        (lambda manifest: manifest["files"]["golden.png"].update(sha256="0" * 64), "does not match its checksum"),
    ],
)
def test_a_manifest_that_does_not_hold(
    storage: Storage,
    models: Path,
    elsewhere: Path,
    run: Run,
    change: Callable[[dict[str, Any]], object],
    reason: str,
) -> None:
    root = write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    manifest = json.loads((root / "manifest.json").read_bytes())
    change(manifest)
    storage.put("xray/1.0.0/manifest.json", json.dumps(manifest).encode())
    said = run("pull", code=1)
    assert "✗ xray/1.0.0 is not fetched: " in said
    assert reason in said
    assert tree(models) == {}


@pytest.mark.parametrize("data", [b"", b"\xff\xfe{}", b"[" * 100_000, b"{" + b" " * (1 << 20) + b"}"])
def test_a_manifest_that_is_none(storage: Storage, models: Path, run: Run, data: bytes) -> None:
    storage.put("xray/1.0.0/manifest.json", data)
    storage.put("tumor/1.0.0/model.tflite", b"weights")
    said = run("pull", code=1)
    assert "✗ xray/1.0.0 is not fetched: manifest.json" in said
    assert "✗ tumor/1.0.0 is not fetched: no manifest.json; the last of an upload is missing" in said
    assert tree(models) == {}


def test_a_file_that_is_a_folder_too(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    root = write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    manifest = json.loads((root / "manifest.json").read_bytes())
    manifest["files"]["golden.png/b"] = manifest["files"]["golden.png"]
    storage.put("xray/1.0.0/golden.png/b", (root / "golden.png").read_bytes())
    storage.put("xray/1.0.0/manifest.json", json.dumps(manifest).encode())
    assert re.search("✗ xray/1.0.0 is not fetched: (File exists|Not a directory)", run("pull", code=1))
    assert tree(models) == {}


def test_too_many_and_too_large(
    storage: Storage, models: Path, elsewhere: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    with monkeypatch.context() as patch:
        patch.setattr(bring, "_MOST_FILES", 2)
        assert "xray/1.0.0 is not fetched: more than 2 files" in run("pull", code=1)
    with monkeypatch.context() as patch:
        patch.setattr(bring, "_LARGEST_UNIT", 2000)
        assert "or 0 GB" in run("pull", code=1)
    monkeypatch.setattr(pull, "_MOST_BLOBS", 2)
    assert "holds more than 2 blobs; a container for models alone is wanted" in run("pull", code=1)
    assert tree(models) == {}


def test_gzip_is_not_unpacked(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """An uploader may claim an encoding; what is stored is what the checksum is of."""
    from azure.storage.blob import ContentSettings

    root = write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    data = (root / "model.tflite").read_bytes()
    storage.put("xray/1.0.0/model.tflite", data, content_settings=ContentSettings(content_encoding="gzip"))
    run("pull")
    assert tree(models) == tree(elsewhere)
