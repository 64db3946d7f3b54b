"""Held-out pictures to give to the page; the test skips where the labelled data is not on this machine."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

NAMES = {
    "tumor": "Brain MRI",
    "xray": "Chest x-ray",
    "monkeypox": "Skin lesion",
    "lung_colon": "Histology tile",
    "palm": "Palm of a hand",
}
"""Service → what the page calls its model."""
_FOLDERS = {**{service: service for service in NAMES}, "palm": "hand_hb"}
_DATA = Path(os.environ.get("DOCTORAI_DATA", REPOSITORY.parent / "shared" / "data"))


def pictures(service: str, count: int = 1) -> list[Path]:
    """``count`` of them, of all classes by turns."""
    if not _DATA.is_dir():
        pytest.skip("the labelled images are not on this machine (set DOCTORAI_DATA)")
    folders = import_module(f"services.{service}.definition").SERVICE.folders
    of_class = [sorted((_DATA / _FOLDERS[service] / "test" / folder).glob("*.jpg")) for folder in folders.values()]
    return [picture for beside in zip(*of_class, strict=False) for picture in beside][:count]
