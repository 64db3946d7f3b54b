"""The plots in the repository are what the manifests say, and drawing them again gives the same bytes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from shared.bundle import find_bundle, open_bundle
from shared.plots import plots_of, read_plot
from tests.support.bundles import edit_manifest
from tests.support.toy import write_toy_bundle
from training.dataset import FOLDERS

pytest.importorskip("matplotlib", reason="matplotlib, of the train extra, is not installed: nothing can be drawn")
from training import plots

ROOT = Path(__file__).parents[2]
_LARGEST = 30_000


@pytest.mark.parametrize("service", sorted(FOLDERS))
def test_drawing_again_gives_the_same_bytes(service: str) -> None:
    bundle = open_bundle(find_bundle(ROOT / "models", service))
    drawn = plots.plots(bundle.manifest)
    assert drawn == plots.plots(bundle.manifest)
    assert [plot["name"] for plot in plots_of(bundle.manifest)] == ["confusion", "reliability"] == sorted(drawn)
    for name, data in drawn.items():
        page = ROOT / "docs/models/plots" / f"{bundle.manifest.model}-{name}.svg"
        assert page.read_bytes() == read_plot(bundle, name) == data, f"{name}: run `python -m training plots`"


def test_what_was_not_measured_is_not_drawn_and_an_old_plot_goes(tmp_path: Path) -> None:
    root = write_toy_bundle(tmp_path)
    plots.draw(root)
    assert plots_of(open_bundle(root).manifest) == []
    metrics = {"test": {"labels": ["other", "red"], "confusion": [[7, 1], [0, 4]]}}
    edit_manifest(root, lambda values: values.update(metrics=metrics))
    assert list(plots.draw(root)) == ["confusion"]
    first = read_plot(open_bundle(root), "confusion")
    metrics["test"]["confusion"] = [[8, 0], [0, 4]]
    edit_manifest(root, lambda values: values.update(metrics=metrics))
    plots.draw(root)
    assert read_plot(open_bundle(root), "confusion") != first
    edit_manifest(root, lambda values: values.update(metrics={}))
    plots.draw(root)
    assert plots_of(open_bundle(root).manifest) == []


def test_no_plot_is_left_of_a_model_that_is_gone() -> None:
    models = [open_bundle(find_bundle(ROOT / "models", service)).manifest.model for service in FOLDERS]
    wanted = {f"{model}-{kind}.svg" for model in models for kind in ("reliability", "confusion")}
    assert {path.name for path in (ROOT / "docs/models/plots").iterdir()} == wanted


@pytest.mark.parametrize("path", sorted((ROOT / "docs/models/plots").glob("*.svg")), ids=lambda path: path.name)
def test_a_plot_is_small_and_can_be_read_on_a_dark_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < _LARGEST
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "<date" not in text
    assert "dc:date" not in text
    ground = re.search(r'id="patch_1">.*?style="([^"]+)"', text, re.DOTALL)
    assert ground
    assert "fill: #ffffff" in ground[1]
    assert "opacity" not in ground[1]


def test_it_says_the_error_and_draws_every_bin() -> None:
    bins = [{"confidence": 0.55, "accuracy": 0.5, "samples": 4}, {"confidence": 1.0, "accuracy": 1.0, "samples": 9}]
    text = plots.reliability({"ece": {"value": 0.1, "low": 0.05, "high": 0.2}, "reliability": bins}).decode()
    assert "ECE 0.100 [0.050, 0.200]" in text
    assert "accuracy" in text
    table = plots.confusion({"labels": ["no", "yes"], "confusion": [[7, 123], [0, 4]]}).decode()
    assert "123" in table
    assert ">yes<" in table
