"""The right model is first, or it is not: what the table of suggestions counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pictures import encode, photo
from training.suggestions import Suggested, pictures, render, suggested

ROOT = Path(__file__).parents[2]


def test_what_is_counted() -> None:
    right = Suggested("tumor", {"tumor": 0.1, "xray": 0.9})
    second = Suggested("tumor", {"tumor": 0.4, "xray": 0.3})
    none = Suggested("xray", {"tumor": 0.9, "xray": 0.5})
    assert [one.first for one in (right, second, none)] == [True, False, True]
    assert [one.plausible for one in (right, second, none)] == [{"tumor"}, {"tumor", "xray"}, set()]
    rows = [[cell.strip()[:5] for cell in line.split("|")[1:-1]] for line in render([right, second, none]).splitlines()]
    assert rows[2] == ["tumor", "2", "0.500", "1.000", "0.500", "0.000"]
    assert rows[3] == ["xray", "1", "1.000", "0.000", "0.000", "1.000"]
    assert rows[4] == ["all", "3", "0.667", "0.667", "0.333", "0.333"]


def test_pictures_are_of_all_classes(tmp_path: Path) -> None:
    for label in ("normal", "pneumonia"):
        (tmp_path / "test" / label).mkdir(parents=True)
        for number in range(5):
            (tmp_path / "test" / label / f"{number}.jpg").write_bytes(f"{label} {number}".encode())
    found = [data.decode() for data in pictures(tmp_path, "xray", 4)]
    assert found == ["normal 0", "normal 2", "pneumonia 0", "pneumonia 2"]
    assert len(pictures(tmp_path, "xray", 60)) == 10


@pytest.mark.slow
def test_every_gate_is_asked_about_every_picture() -> None:
    uploads = {"tumor": [encode(photo((224, 224)))], "xray": [encode(photo((200, 180), seed=1))]}
    found = suggested(uploads, ROOT / "models")
    assert [one.service for one in found] == ["tumor", "xray"]
    assert all(0 <= score <= 1 for one in found for score in one.scores.values())
    assert [one.plausible for one in found] == [set(), set()]  # drawn pictures are of neither kind
