"""The cards and manifests in the repository say the same thing as the code that made them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.bundle import find_bundle, open_bundle
from training.card import render
from training.dataset import service_definition
from training.recipes import RECIPES
from training.sources import SOURCES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("model", sorted(RECIPES))
def test_a_recipe_has_a_source_with_traps(model: str) -> None:
    assert SOURCES[model].traps
    assert len(service_definition(model).classes) >= 2


@pytest.mark.parametrize("model", sorted(RECIPES))
def test_the_card_is_what_the_manifest_says(model: str) -> None:
    manifest = open_bundle(find_bundle(ROOT / "models", model)).manifest
    assert (ROOT / "docs/models" / f"{model}.md").read_text(encoding="utf-8") == render(model, manifest)
    assert manifest.labels == tuple(service_definition(model).classes)


@pytest.mark.parametrize("model", sorted(RECIPES))
def test_every_score_has_an_interval(model: str) -> None:
    metrics = open_bundle(find_bundle(ROOT / "models", model)).manifest.metrics
    assert "test" in metrics
    for scores in (found for name, found in metrics.items() if name != "trust"):
        for estimate in (scores["accuracy"], scores["auroc"], *scores["recall"].values()):
            assert estimate["low"] <= estimate["value"] <= estimate["high"]
