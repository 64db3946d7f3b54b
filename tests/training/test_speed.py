"""What a prediction costs is measured in turn, on the same pictures, and a failing one does not count as fast."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shared.bundle import find_bundle, open_bundle
from training.measured_card import speed as words
from training.speed import machine, measure_speed, timed, ungated

ROOT = Path(__file__).parents[2]
GOLDEN = (ROOT / "models/tumor/1.0.0/golden.png").read_bytes()


def test_kinds_take_turns_and_see_the_same_pictures() -> None:
    seen: list[tuple[str, bytes]] = []
    calls = {name: (lambda data, name=name: seen.append((name, data))) for name in ("a", "b")}
    times = timed(calls, [b"1", b"2", b"3"], 15)  # type: ignore[arg-type]
    assert [len(found.clock) for found in times.values()] == [15, 15]
    assert [data for name, data in seen if name == "a"] == [data for name, data in seen if name == "b"]
    assert [name for name, _ in seen[:20]] == ["a"] * 10 + ["b"] * 10
    assert times["a"].to_dict().keys() == {"p50_ms", "p95_ms", "cpu_ms"}


def test_a_time_says_where_and_when() -> None:
    found = machine()
    assert found["cores"] >= 1
    assert found["machine"].count(",") >= 1
    assert len(found["date"]) == 10


def test_without_its_gate_the_rest_of_a_bundle_stays() -> None:
    bundle = open_bundle(find_bundle(ROOT / "models", "tumor"))
    bare = ungated(bundle).manifest.signatures["image"]
    assert bundle.manifest.signatures["image"].guard
    assert bare.guard is None
    assert bare.quality == bundle.manifest.signatures["image"].quality


@pytest.mark.slow
def test_it_lands_in_the_manifest_and_in_words(tmp_path: Path) -> None:
    root = tmp_path / "models" / "tumor" / "1.0.0"
    shutil.copytree(ROOT / "models/tumor/1.0.0", root)
    for label in ("glioma", "meningioma", "no_tumor", "pituitary"):
        folder = tmp_path / "data" / "test" / label
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(GOLDEN)
    measure_speed({"tumor": tmp_path / "data"}, tmp_path / "models", 3, log=lambda _: None)
    found = open_bundle(root).manifest.metrics["speed"]
    assert found["predictions"] == 3
    assert 0 < found["bundle_memory_mb"] < found["memory_mb"]
    assert all(found[name]["p50_ms"] > 0 for name in ("with_gate", "without_gate", "explained"))
    assert f"Resident memory {found['memory_mb']:.0f} MB" in words(found)
