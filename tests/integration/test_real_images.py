"""Real pictures through the whole system: the services answer them as the cards say they do."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.integration
FOLDERS = {"tumor": "tumor", "xray": "xray", "monkeypox": "monkeypox", "lung_colon": "lung_colon", "palm": "hand_hb"}
PER_CLASS = 20
AT_LEAST = 0.65  # above chance, below the cards: a swapped label or a wrong scale fails, a hard picture does not


@pytest.mark.parametrize("service", FOLDERS)
async def test_held_out_pictures(api: httpx.AsyncClient, data: Path, service: str) -> None:
    folders = import_module(f"services.{service}.definition").SERVICE.folders
    right = total = 0
    for label, folder in folders.items():
        for path in sorted((data / FOLDERS[service] / "test" / folder).glob("*.jpg"))[:PER_CLASS]:
            right += (await _predict(api, service, path))["result"] == label
            total += 1
    assert total >= PER_CLASS
    assert right / total >= AT_LEAST


@pytest.mark.parametrize("service", FOLDERS)
async def test_larger_originals(api: httpx.AsyncClient, data: Path, service: str) -> None:
    """Other sizes and shapes than the models were trained on: answered, whatever the answer."""
    pictures = sorted((data / FOLDERS[service] / "samples").glob("*/*.jpg"))[::3]
    assert pictures
    for path in pictures:
        answer = await _predict(api, service, path)
        assert answer["result"] in answer["probabilities"]
        assert answer["disclaimer"]


async def _predict(api: httpx.AsyncClient, service: str, path: Path) -> dict[str, object]:
    picture = await asyncio.to_thread(path.read_bytes)
    response = await api.post(f"/api/predict/{service}", files={"file": (path.name, picture)})
    assert response.status_code == 200, response.text
    answer: dict[str, object] = response.json()
    return answer
