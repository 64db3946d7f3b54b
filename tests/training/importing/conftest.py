"""Model files, made once a session by a process of their own, and a place to import them to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from training.importing.importer import Imported, Wanted, import_model

SMALL = (
    "pooled.h5", "pooled.keras", "sequential.h5", "sigmoid.keras", "logits.keras", "many.keras", "grey.h5",
    "rescales.keras", "saved", "saved-fixed", "saved-other", "saved-writes", "saved-saves", "saved-maps",
    "softmax.tflite", "sigmoid.tflite", "logits.tflite", "lambda2.h5", "lambda3.h5", "lambda.keras", "own.keras",
    "weights.h5", "X-ray.h5", "Tumor.h5", "nested.h5", "nested.keras", "preprocessed.h5", "preprocessed.keras",
    "normalises.keras", "logit.keras", "saved-sigmoid", "mixed.keras", "dynamic.tflite", "saved-registers",
    "saved-aborts",
)  # fmt: skip
Import = Callable[..., Imported]


@pytest.fixture(scope="session")
def make_models(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Names → a folder with those files."""

    def make(*names: str) -> Path:
        folder = tmp_path_factory.mktemp("originals")
        command = [sys.executable, "-m", "tests.support.original_models", str(folder), *names]
        done = subprocess.run(command, cwd=REPOSITORY, env=os.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return folder

    return make


@pytest.fixture(scope="session")
def originals(make_models: Callable[..., Path]) -> Path:
    """The folder with all of ``SMALL``; tests leave it as it is."""
    return make_models(*SMALL)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def importing(models: Path) -> Import:
    """Imports a file to ``models``."""

    def run(service: str, source: Path, **rest: Any) -> Imported:
        return import_model(Wanted(service, source, models, **rest))

    return run
