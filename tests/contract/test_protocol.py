"""Health, card, metrics and the Open Inference Protocol of every service."""

from __future__ import annotations

import base64

import httpx

from shared.bundle import Bundle
from shared.definition import ServiceDefinition
from shared.version import VERSION
from tests.support.pictures import png
from tests.support.requests import metric


async def test_health_and_card(service: httpx.AsyncClient, bundle: Bundle, definition: ServiceDefinition) -> None:
    ready = (await service.get("/health/ready")).json()
    assert (ready["service"], ready["version"], ready["ready"]) == (
        definition.service,
        bundle.manifest.version,
        True,
    )
    assert (await service.get("/health/live")).status_code == 200
    card = (await service.get("/card")).json()
    assert card["model"] == definition.model
    assert card["digest"] == bundle.digest
    assert list(card["labels"]) == list(bundle.manifest.labels)
    assert card["limits"], "a model without limits is a model that nobody looked at"


async def test_metrics_count(service: httpx.AsyncClient, bundle: Bundle, definition: ServiceDefinition) -> None:
    answer = (await service.post("/predict", files={"file": ("a.png", png())})).json()
    labels = f'model="{definition.model}"'
    of_version = f'{labels},version="{bundle.manifest.version}"'
    # a picture of one colour: a bundle with a gate gives no answer to it
    decided = f'{labels},outcome="{answer["decision"]}",version="{bundle.manifest.version}"'
    for line, wanted in {
        f"inference_requests_total{{{decided}}}": 1,
        f"inference_confidence_count{{{of_version}}}": 1,
        f"inference_ood_score_count{{{of_version}}}": answer["ood_score"] is not None,
        f"inference_batch_size_sum{{{labels}}}": 1,
        "inference_ready": 1,
        f'doctorai_build_info{{component="{definition.service}",version="{VERSION}"}}': 1,
    }.items():
        assert await metric(service, "", line) == wanted, line


async def test_open_inference_protocol(
    service: httpx.AsyncClient, bundle: Bundle, definition: ServiceDefinition
) -> None:
    for path in ("/v2/health/live", "/v2/health/ready", f"/v2/models/{definition.model}/ready"):
        assert (await service.get(path)).status_code == 200
    metadata = (await service.get(f"/v2/models/{definition.model}")).json()
    assert metadata["versions"] == [bundle.manifest.version]
    pictures = [png((200, 10, 10)), png((10, 10, 200))]
    asked = {"name": "image", "datatype": "BYTES", "shape": [2], "data": [_base64(data) for data in pictures]}
    response = await service.post(f"/v2/models/{definition.service}/infer", json={"id": "7", "inputs": [asked]})
    assert response.status_code == 200, response.text
    outputs = {output["name"]: output for output in response.json()["outputs"]}
    assert outputs["probabilities"]["shape"] == [2, len(bundle.manifest.labels)]
    single = await service.post("/predict", files={"file": ("a.png", pictures[1])})
    second = outputs["probabilities"]["data"][len(bundle.manifest.labels) :]
    assert second == list(single.json()["probabilities"].values())
    assert outputs["label"]["data"][1] == (single.json()["result"] or "")
    assert outputs["decision"]["data"][1] == (single.json()["abstain_reason"] or "predicted")


async def test_an_unknown_model_is_404(service: httpx.AsyncClient) -> None:
    response = await service.get("/v2/models/nobody")
    assert (response.status_code, response.json()["code"]) == (404, "UNKNOWN_MODEL")
    assert response.json()["error"]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
