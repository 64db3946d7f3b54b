"""A language model's folder: safetensors and text come along, all else is refused or left."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from services.chatbot.generation import find_checkpoint
from tests.services.chatbot.checkpoints import write_t5
from training.importing.checkpoint import served_files
from training.importing.child import Limits
from training.importing.errors import Refused
from training.importing.language_model import import_language_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_t5(tmp_path / "arabic t5 (mine)")


def test_it_is_tried_out_and_found_by_the_service(folder: Path, models: Path) -> None:
    (folder / "training_args.bin").write_bytes(b"\x80\x04.")
    (folder / "notes.txt").write_text("mine")
    target, report = import_language_model(folder, models, Limits())
    assert target == models / "chatbot" / "arabic-t5-mine"
    assert report.facts["architecture"] == "T5ForConditionalGeneration"
    assert report.facts["wrote"].keys() == {"en", "ar"}
    assert {path.suffix for path in target.iterdir()} == {".json", ".safetensors"}
    assert find_checkpoint(models) == target
    with pytest.raises(Refused, match="is there already"):
        import_language_model(folder, models, Limits())


def test_pytorch_weights_are_not_loaded(folder: Path, models: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    _refused(folder, models, "pytorch_model.bin may run code")


def test_code_of_its_own(folder: Path, models: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "modeling.Evil"}
    (folder / "config.json").write_text(json.dumps(config))
    _refused(folder, models, "wants code of its own")


def test_cut_short(folder: Path, models: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    _refused(folder, models, "claims .* but is")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        struct.pack("<Q", 1 << 60) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 9) + b'{"a": 12}',
    ],
)
def test_no_safetensors(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(Refused, match="is not whole"):
        served_files(folder)


def test_a_claim_of_10_gb(folder: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2_500_000_000], "data_offsets": [0, 10_000_000_000]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(Refused, match=r"claims 10\.000 GB"):
        served_files(folder)


def test_a_picture_model_is_none(originals: Path, models: Path) -> None:
    with pytest.raises(Refused, match="is no language model"):
        import_language_model(originals / "softmax.tflite", models, Limits())


def _refused(folder: Path, models: Path, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        import_language_model(folder, models, Limits())
    assert list(models.iterdir()) == []
