"""Scores a bundle on the splits it did not train on, prints the table, and writes the model card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.bundle import find_bundle, open_bundle, write_manifest
from training.card import write
from training.dataset import service_definition
from training.plots import draw
from training.recipes import RECIPES
from training.scoring import score_split
from training.tables import score_table

KEPT = ("trust", "speed", "groups")
"""What other commands measured and wrote into the manifest."""


def evaluate(model: str, data: Path, models: Path, docs: Path, log: Callable[[str], None] = print) -> Path:
    """Scores ``models/<model>``, records the scores in its manifest, and gives the path of ``docs/<model>.md``."""
    service = service_definition(model)
    root = find_bundle(models, service.service)
    bundle = open_bundle(root)
    metrics: dict[str, Any] = {
        name: scores for name, scores in bundle.manifest.metrics.items() if name in (*KEPT, "cross_validation")
    }
    for split in ("test",) if RECIPES[model].folds else ("val", "test"):
        metrics[split] = score_split(bundle, data, split, service).to_dict()
    for split, scores in metrics.items():
        if split in KEPT:
            continue
        log(f"\n{model} {bundle.manifest.version}, {split}\n\n{score_table(scores)}")
    write_manifest(root, bundle.manifest.model_copy(update={"metrics": metrics}))
    draw(root)
    return write(model, models, docs)
