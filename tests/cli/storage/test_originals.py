"""The original system's files and language models in the container: they come to lie where they are found."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from azure.storage.blob import ContentSettings

from cli.storage.store import Blob
from cli.storage.units import find_units
from tests.cli.storage.conftest import Run, Storage, tree

FILES = {
    "Tumor.h5": b"a network",
    "xray/X-ray.h5": b"another",
    "XGB-Tuned-balancedPalm.pkl": b"trees",
    "t5-arabic/config.json": b"{}",
    "t5-arabic/model.safetensors": b"numbers",
    "t5-arabic/spiece.model": b"words",
    "chatbot/tokenizer.json": b"{}",
    "chatbot/config.json": b"{}",
    "chatbot/mine/config.json": b"{}",
    "chatbot/mine/model.safetensors": b"numbers",
}
OTHER = ("t5-arabic/pytorch_model.bin", "t5-arabic/deep/config.py", "readme.txt", "t5-arabic/train.py")


@pytest.fixture
def filled(storage: Storage) -> Storage:
    for name, data in FILES.items():
        storage.put(name, data)
    for name in OTHER:
        storage.put(name, b"other")
    return storage


def test_they_are_fetched_once(filled: Storage, models: Path, run: Run) -> None:
    said = run("pull")
    assert "6 fetched" in said
    assert "4 blobs are no model's, and were left" in said
    assert tree(models) == FILES
    filled.proxy.forget()
    assert "0 fetched, 6 as they were" in run("pull")
    assert filled.proxy.blobs_read() == []


def test_a_change_is_fetched(filled: Storage, models: Path, run: Run) -> None:
    run("pull")
    changed = {"Tumor.h5": b"a better network", "t5-arabic/config.json": b'{"a": 1}', "chatbot/config.json": b"[]"}
    for name, data in changed.items():
        filled.put(name, data)
    filled.proxy.forget()
    assert "3 fetched, 3 as they were" in run("pull")
    assert tree(models) == FILES | changed
    assert set(filled.proxy.blobs_read()) == set(changed)


def test_an_operators_own_file_stays(filled: Storage, models: Path, run: Run) -> None:
    (models / "t5-arabic").mkdir(parents=True)
    own = {"Tumor.h5": b"my own", "t5-arabic/config.json": b"mine"}
    for name, data in own.items():
        (models / name).write_bytes(data)
    said = run("pull", code=1)
    assert "4 fetched, 0 as they were, 2 not fetched" in said
    assert "Tumor.h5 is there, differs, and was not fetched from here" in said
    kept = tree(models)
    assert {name: kept[name] for name in own} == own
    assert "t5-arabic/model.safetensors" not in kept
    run("pull", "--replace")
    assert tree(models) == FILES


def test_a_fetched_file_that_was_changed_here_stays(filled: Storage, models: Path, run: Run) -> None:
    run("pull")
    (models / "Tumor.h5").write_bytes(b"trained on")
    assert "1 not fetched" in run("pull", code=1)
    assert (models / "Tumor.h5").read_bytes() == b"trained on"


def test_an_uploaders_md5_is_held_against_it(storage: Storage, models: Path, run: Run) -> None:
    wrong = hashlib.md5(b"what was meant", usedforsecurity=False).digest()
    storage.put("Tumor.h5", b"what came")
    storage.container.get_blob_client("Tumor.h5").set_http_headers(ContentSettings(content_md5=bytearray(wrong)))
    assert "Tumor.h5 does not match its checksum" in run("pull", code=1)
    assert tree(models) == {}


def test_what_belongs_together_is_one() -> None:
    units, strange = find_units(Blob(name, 1, "tag") for name in (*FILES, *OTHER))
    assert strange == list(OTHER)
    assert {unit.name: (unit.service, unit.loose, sorted(unit.blobs)) for unit in units} == {
        "Tumor.h5": ("tumor", True, ["Tumor.h5"]),
        "xray/X-ray.h5": ("xray", True, ["X-ray.h5"]),
        "XGB-Tuned-balancedPalm.pkl": ("palm", True, ["XGB-Tuned-balancedPalm.pkl"]),
        "t5-arabic": ("chatbot", False, ["config.json", "model.safetensors", "spiece.model"]),
        "chatbot": ("chatbot", True, ["config.json", "tokenizer.json"]),
        "chatbot/mine": ("chatbot", False, ["config.json", "model.safetensors"]),
    }
