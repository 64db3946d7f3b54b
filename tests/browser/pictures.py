"""Pictures to give to the page: real ones where the labelled data is on this machine, else those that bundles ship."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

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
    """Up to ``count`` held-out ones; where there is no data one, that every bundle was proved with."""
    folders = import_module(f"services.{service}.definition").SERVICE.folders
    of_class = [sorted((_DATA / _FOLDERS[service] / "test" / folder).glob("*.jpg")) for folder in folders.values()]
    found = [picture for beside in zip(*of_class, strict=False) for picture in beside][:count]
    return found or [REPOSITORY / "models" / service / "1.0.0" / "golden.png"]
