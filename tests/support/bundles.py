"""Bundles of numbers, for XGBoost: made by the tests, in a moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from shared.bundle import MANIFEST, write_manifest
from shared.manifest import FeaturesInput, FileEntry, Golden, Manifest, Runtime, Signature, TabularInput
from tests.support.pictures import png
from tests.support.toy import entry

NAMES = ("r", "g", "b")


@cache
def weights(classes: int = 2, columns: int = 3) -> bytes:
    """Trees that tell the numbers' classes by the first of them."""
    rows = np.random.default_rng(0).random((300, columns), dtype=np.float32)
    target = np.minimum((rows[:, 0] * classes).astype(int), classes - 1)
    goal = {"objective": "binary:logistic"} if classes == 2 else {"objective": "multi:softprob", "num_class": classes}
    data = xgboost.DMatrix(rows, target)
    return bytes(xgboost.train({**goal, "max_depth": 3, "nthread": 1}, data, 12).save_raw("ubj"))


def tabular_bundle(models: Path, data: bytes | None = None, *, classes: int = 2, version: str = "1.0.0") -> Path:
    """One signature ``numbers`` of three columns."""
    golden = Golden(input=(0.9, 0.5, 0.5), probabilities=(0.0,) * (classes - 1) + (1.0,), tolerance=0.1)
    signature = Signature(file="model.ubj", input=TabularInput(names=NAMES), golden=golden)
    files = {"model.ubj": weights(classes) if data is None else data}
    return write_bundle(models, files, {"numbers": signature}, classes=classes, version=version)


def features_bundle(models: Path) -> Path:
    """One signature ``features`` of three columns, which the service computes."""
    golden = Golden(input="golden.png", probabilities=(0.0, 1.0), tolerance=0.1)
    signature = Signature(file="model.ubj", input=FeaturesInput(names=NAMES), golden=golden)
    return write_bundle(models, {"model.ubj": weights(), "golden.png": png()}, {"features": signature})


def write_bundle(
    models: Path,
    files: dict[str, bytes],
    signatures: dict[str, Signature],
    *,
    runtime: Runtime = "xgboost",
    classes: int = 2,
    version: str = "1.0.0",
) -> Path:
    """Writes ``models/toy/<version>/``; files that lie there already belong to it, too."""
    root = models / "toy" / version
    root.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (root / name).write_bytes(data)
    manifest = Manifest(
        model="toy",
        version=version,
        created="2026-11-24T00:00:00Z",
        runtime=runtime,
        labels=("other", "red", *(f"class_{at}" for at in range(2, classes))),
        signatures=signatures,
        default_signature=next(iter(signatures)),
        files=_entries(root),
    )
    write_manifest(root, manifest)
    return root


def _entries(root: Path) -> dict[str, FileEntry]:
    return {path.relative_to(root).as_posix(): entry(path.read_bytes()) for path in root.rglob("*") if path.is_file()}


def edit_manifest(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Rewrites ``manifest.json`` after ``change`` has had its values."""
    path = root / MANIFEST
    values = json.loads(path.read_text(encoding="utf-8"))
    change(values)
    path.write_text(json.dumps(values), encoding="utf-8")
