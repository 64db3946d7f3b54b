"""From a folder of pictures to a served bundle and its card, with a network small enough to train in a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow", reason="needs the train extra")
pytest.importorskip("sklearn", reason="needs the train extra")

from shared.bundle import open_bundle
from shared.inference.probabilities import softmax
from training.cli import main
from training.dataset import service_definition
from training.litert import run_litert

ROOT = Path(__file__).parents[2]
MODEL = "xray"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten flat noisy pictures a class and split, one class darker than the other."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for split in ("train", "val", "test"):
        for level, folder in enumerate(service_definition(MODEL).folders.values()):
            (root / split / folder).mkdir(parents=True)
            for number in range(10):
                pixels = rng.integers(0, 80, (64, 64, 3), dtype=np.uint8) + np.uint8(100 * level)
                Image.fromarray(pixels).save(root / split / folder / f"{number}.jpg")
    return root


@pytest.fixture(scope="module")
def models(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models")
    # its own process: TensorFlow takes its threads and deterministic kernels once, before anything else
    command = [sys.executable, "-m", "training", "train", "--tiny", "--model", MODEL]
    subprocess.run([*command, "--data", str(data), "--out", str(out)], cwd=ROOT, check=True, timeout=150)
    return out


def test_the_bundle_opens_and_its_golden_holds(models: Path) -> None:
    bundle = open_bundle(models / MODEL / "1.0.0")
    signature = bundle.manifest.signatures["image"]
    assert signature.calibration is not None
    assert signature.conformal is not None
    assert str(models) not in (bundle.root / "manifest.json").read_text(encoding="utf-8")
    assert sum(signature.golden.probabilities) == pytest.approx(1, abs=1e-4)


def test_the_outputs_belong_together(models: Path) -> None:
    bundle = open_bundle(models / MODEL / "1.0.0")
    picture = np.random.default_rng(0).normal(size=(1, 64, 64, 3)).astype(np.float32)
    outputs = run_litert(bundle.read("model.tflite"), picture)
    assert set(outputs) == {"logits", "features", "feature_map", "cam"}
    assert outputs["features"] == pytest.approx(outputs["feature_map"].mean(axis=(1, 2)), abs=1e-3)
    offset = outputs["logits"] - outputs["cam"].mean(axis=(1, 2))  # the head's bias, whatever the picture
    again = run_litert(bundle.read("model.tflite"), -picture)
    assert again["logits"] - again["cam"].mean(axis=(1, 2)) == pytest.approx(offset, abs=1e-2)
    assert softmax(outputs["logits"][0], None).sum() == pytest.approx(1)


def test_evaluate_writes_scores_and_card(data: Path, models: Path, tmp_path: Path) -> None:
    arguments = ["--model", MODEL, "--data", str(data), "--models", str(models), "--docs", str(tmp_path)]
    assert main(["evaluate", *arguments]) == 0
    metrics = open_bundle(models / MODEL / "1.0.0").manifest.metrics
    assert set(metrics) == {"val", "test"}
    assert metrics["test"]["samples"] == 20
    assert "20 pictures" in (tmp_path / f"{MODEL}.md").read_text(encoding="utf-8")
