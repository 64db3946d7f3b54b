"""The cards and manifests in the repository say the same thing as the code that made them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.bundle import find_bundle, open_bundle
from training.card import render
from training.dataset import FOLDERS, service_definition
from training.evaluation import KEPT
from training.measured_card import speed, speed_table
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
    for scores in (found for name, found in metrics.items() if name not in KEPT):
        for estimate in (scores["accuracy"], scores["auroc"], *scores["recall"].values()):
            assert estimate["low"] <= estimate["value"] <= estimate["high"]


@pytest.mark.parametrize("service", sorted(FOLDERS))
def test_every_card_shows_groups_speed_and_its_plots(service: str) -> None:
    manifest = open_bundle(find_bundle(ROOT / "models", service)).manifest
    card = (ROOT / "docs/models" / f"{manifest.model}.md").read_text(encoding="utf-8")
    for kind in ("reliability", "confusion"):
        assert f"(plots/{manifest.model}-{kind}.svg)" in card
        assert (ROOT / "docs/models/plots" / f"{manifest.model}-{kind}.svg").is_file()
    assert speed(manifest.metrics["speed"]) in card
    assert "so no result by them can be given" in card
    for row in manifest.metrics["groups"]:
        assert row["accuracy"]["low"] <= row["accuracy"]["value"] <= row["accuracy"]["high"]
        right, total = map(sum, zip(*row["classes"].values(), strict=True))
        assert (total, round(right / total, 4)) == (row["samples"], row["accuracy"]["value"])


def test_the_benchmarks_show_every_models_speed() -> None:
    manifests = [open_bundle(find_bundle(ROOT / "models", service)).manifest for service in FOLDERS]
    rows = speed_table({manifest.model: manifest.metrics["speed"] for manifest in manifests})
    assert rows in (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
