"""Groups are told apart by what is known: source, haemoglobin, brightness."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from services.palm.definition import SERVICE
from shared.bundle import find_bundle
from training.groups import groups
from training.measured_card import groups as words

ROOT = Path(__file__).parents[2]
GOLDEN = (ROOT / "models/palm/1.0.0/golden.png").read_bytes()
HAEMOGLOBIN = {"anemic": (70, 115), "non_anemic": (135, 150)}


@pytest.fixture
def hands(tmp_path: Path) -> Path:
    """Two people of each class, all with the same drawn hand."""
    rows = []
    for folder in SERVICE.folders.values():
        (tmp_path / "test" / folder).mkdir(parents=True)
        for number, value in enumerate(HAEMOGLOBIN[folder]):
            path = tmp_path / "test" / folder / f"{folder}_{number}.png"
            path.write_bytes(GOLDEN)
            rows.append((path.name, value))
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "hb_g_per_l"), *rows])
    return tmp_path


def test_haemoglobin_and_halves(hands: Path) -> None:
    found = groups("palm", find_bundle(ROOT / "models", "palm"), hands)
    rows = {(row["by"], row["group"]): row for row in found}
    # the golden hand is called healthy
    assert rows["haemoglobin, g/L", "below 80"]["classes"] == {"anemia": [0, 1]}
    assert rows["haemoglobin, g/L", "110 to 119"]["samples"] == 1
    assert rows["haemoglobin, g/L", "130 and more"]["classes"] == {"healthy": [2, 2]}
    assert ("haemoglobin, g/L", "80 to 109") not in rows  # nobody
    assert ("brightness", "darker half") not in rows  # all are as bright as the median
    assert rows["brightness", "brighter half"]["accuracy"]["value"] == 0.5
    assert "| healthy 2/2" in words(found, "Nothing is known.")


def test_without_haemoglobin_there_are_no_such_groups(hands: Path) -> None:
    (hands / "labels.csv").unlink()
    found = groups("palm", find_bundle(ROOT / "models", "palm"), hands)
    assert {row["by"] for row in found} == {"brightness", "sharpness"}
