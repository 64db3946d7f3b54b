"""Pictures for each model, and readings from a service's metrics."""

from __future__ import annotations

import re

import httpx

from tests.support.pictures import encode, photo

IMAGE_MODELS = ("tumor", "xray", "monkeypox", "lung_colon", "palm_disease")


def uploads(count: int) -> list[tuple[str, bytes]]:
    """``count`` pairs of a model and a picture, each picture different, all models in turn, JPEG and PNG."""
    kinds = ("JPEG", "PNG")
    return [
        (IMAGE_MODELS[at % 5], encode(photo((180 + at, 160 + at % 7), seed=at), kinds[at % 2])) for at in range(count)
    ]


async def metric(client: httpx.AsyncClient, url: str, line: str) -> float:
    """The value of the metric ``line`` (name and labels as they stand); 0 when it is not there yet."""
    text = (await client.get(f"{url}/metrics")).text
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


async def counted(client: httpx.AsyncClient, url: str, outcome: str, version: str = "") -> float:
    """How many requests the toy service at ``url`` has counted by this outcome and version."""
    return await metric(client, url, f'inference_requests_total{{model="toy",outcome="{outcome}",version="{version}"}}')
