"""A manifest that is not whole is refused, and the message says where."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from shared.manifest import Manifest, version_key
from tests.support.toy import toy_manifest

VALID: dict[str, Any] = toy_manifest({"model.tflite": b"weights", "golden.png": b"picture"}).model_dump(mode="json")
ENTRY = {"sha256": "0" * 64, "bytes": 1}
Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> dict[str, Any]:
    values = copy.deepcopy(VALID)
    change(values)
    return values


def test_the_toy_manifest_survives_its_own_json() -> None:
    assert Manifest.model_validate(VALID).model_dump(mode="json") == VALID


@pytest.mark.parametrize(
    "path",
    [
        "../model.tflite",
        "/etc/passwd",
        "weights/../../model.tflite",
        "..",
        ".",
        ".hidden",
        "a//b",
        "a/",
        "a\\b",
        "C:model",
        "a b",
        "a\nb",
        "model.tflite\n",
        "",
        "weights/.hidden",
    ],
)
def test_a_file_name_that_could_leave_the_bundle_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="not a plain relative path"):
        Manifest.model_validate(changed(lambda values: values["files"].update({path: ENTRY})))


@pytest.mark.parametrize("path", ["variables/variables.data-00000-of-00001", "a_b/c-d.e1"])
def test_a_file_in_a_folder_of_the_bundle_is_taken(path: str) -> None:
    assert path in Manifest.model_validate(changed(lambda values: values["files"].update({path: ENTRY}))).files


def _signature(values: dict[str, Any]) -> dict[str, Any]:
    signature: dict[str, Any] = values["signatures"]["image"]
    return signature


BAD: dict[str, tuple[Change, str]] = {
    "labels repeat": (lambda v: v.update(labels=["red", "red"]), "labels repeat"),
    "one label": (lambda v: v.update(labels=["red"]), "labels"),
    "golden too long": (lambda v: _signature(v)["golden"].update(probabilities=[0.2, 0.3, 0.5]), "3 probabilities"),
    "golden not in files": (lambda v: _signature(v)["golden"].update(input="other.png"), "golden input"),
    "tolerance too wide": (lambda v: _signature(v)["golden"].update(tolerance=0.5), "tolerance"),
    "weights not in files": (lambda v: _signature(v).update(file="other.tflite"), "not among the bundle's files"),
    "weights elsewhere": (lambda v: _signature(v).update(file="../model.tflite"), "not among the bundle's files"),
    "half a file's name": (lambda v: _signature(v).update(file="model"), "not among the bundle's files"),
    "no such default": (lambda v: v.update(default_signature="numbers"), "default_signature"),
    "unknown field": (lambda v: v.update(weights="x"), "weights"),
    "unknown field inside": (lambda v: _signature(v)["input"].update(channels=1), "channels"),
    "unknown runtime": (lambda v: v.update(runtime="pickle"), "runtime"),
    "unknown kind of input": (lambda v: _signature(v)["input"].update(kind="audio"), "kind"),
    "model in capitals": (lambda v: v.update(model="Toy"), "model"),
    "model with a slash": (lambda v: v.update(model="../toy"), "model"),
    "version of two parts": (lambda v: v.update(version="1.0"), "version"),
    "version with a suffix": (lambda v: v.update(version="1.0.0-rc1"), "version"),
    "version with a newline": (lambda v: v.update(version="1.0.0\n"), "version"),
    "later schema": (lambda v: v.update(schema_version=2), "schema_version"),
    "digest in capitals": (lambda v: v["files"]["model.tflite"].update(sha256="A" * 64), "sha256"),
    "digest too short": (lambda v: v["files"]["model.tflite"].update(sha256="a" * 63), "sha256"),
    "size below zero": (lambda v: v["files"]["model.tflite"].update(bytes=-1), "bytes"),
    "no size": (lambda v: v["files"]["model.tflite"].pop("bytes"), "bytes"),
    "temperature of zero": (lambda v: _signature(v)["calibration"].update(temperature=0), "temperature"),
    "coverage of one": (lambda v: _signature(v)["conformal"].update(coverage=1), "coverage"),
    "side too long": (lambda v: _signature(v)["input"].update(height=4096), "height"),
    "no signatures": (lambda v: v.update(signatures={}), "signatures"),
    "no files": (lambda v: v.update(files={}), "files"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_manifest_that_is_not_whole_is_refused(name: str) -> None:
    change, message = BAD[name]
    with pytest.raises(ValidationError, match=message):
        Manifest.model_validate(changed(change))


def test_weights_may_be_a_folder() -> None:
    def folder(values: dict[str, Any]) -> None:
        _signature(values).update(file="saved_model")
        values["files"]["saved_model/saved_model.pb"] = ENTRY

    assert Manifest.model_validate(changed(folder)).signatures["image"].file == "saved_model"


def test_versions_sort_as_numbers() -> None:
    assert version_key("1.10.0") > version_key("1.9.9")
    assert max(["1.2.0", "1.10.0", "0.99.99"], key=version_key) == "1.10.0"
