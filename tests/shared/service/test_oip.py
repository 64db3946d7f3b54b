"""The Open Inference Protocol over HTTP: by hand, and by Triton's own client."""

from __future__ import annotations

import asyncio
import base64
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI

from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.support.apps import running, until_ready
from tests.support.bundles import tabular_bundle
from tests.support.pictures import jpeg, png
from tests.support.processes import eventually, free_port
from tests.support.toy import BLUE, RED, TOY

if TYPE_CHECKING:
    from tests.shared.service.conftest import HeldWorker

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    triton: Any = pytest.importorskip("tritonclient.http", reason="tritonclient is not installed")

INFER = "/v2/models/toy/infer"
COLOURS = [RED, BLUE, (200, 60, 60), (90, 90, 90), (0, 0, 0)]


def images(*pictures: bytes, **changes: Any) -> dict[str, Any]:
    data = [base64.b64encode(picture).decode() for picture in pictures]
    tensor = {"name": "image", "datatype": "BYTES", "shape": [len(pictures)], "data": data}
    return {"inputs": [{**tensor, **changes}]}


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["error"] == answer.json()["detail"] != ""


async def test_metadata_and_health(ready: httpx.AsyncClient) -> None:
    server = (await ready.get("/v2")).json()
    assert server["name"] == "doctorai"
    assert "binary_tensor_data" in server["extensions"]
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/toy/ready", "/v2/models/toy/versions/1.0.0/ready"):
        assert (await ready.get(path)).status_code == 200
    model = (await ready.get("/v2/models/toy")).json()
    assert (model["name"], model["versions"]) == ("toy", ["1.0.0"])
    assert model["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert [output["name"] for output in model["outputs"]] == ["label", "probabilities", "decision"]


async def test_a_model_that_is_not_there(ready: httpx.AsyncClient) -> None:
    refused(await ready.get("/v2/models/other"), 404, "UNKNOWN_MODEL")
    refused(await ready.post("/v2/models/other/infer", json=images(png())), 404, "UNKNOWN_MODEL")
    refused(await ready.get("/v2/models/toy/versions/9.9.9"), 404, "NOT_FOUND")
    refused(await ready.post("/v2/models/toy/versions/9.9.9/infer", json=images(png())), 404, "NOT_FOUND")


async def test_without_a_bundle(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v2/health/live")).json() == {"live": True}
    not_ready = await client.get("/v2/health/ready")
    assert (not_ready.status_code, not_ready.json()["ready"]) == (503, False)
    assert not_ready.json()["reason"]
    refused(await client.post(INFER, json=images(png())), 503, "MODEL_UNAVAILABLE")


async def test_a_batch_is_its_singles(ready: httpx.AsyncClient) -> None:
    pictures = [png(colour) for colour in COLOURS[:2]]
    together = (await ready.post(INFER, json={"id": "42", **images(*pictures)})).json()
    assert (together["id"], together["model_name"], together["model_version"]) == ("42", "toy", "1.0.0")
    label, probabilities, decision = together["outputs"]
    assert label["data"] == ["red", "other"]
    assert decision["data"] == ["predicted", "predicted"]
    for at, picture in enumerate(pictures):
        single = (await ready.post("/predict", content=picture)).json()
        assert probabilities["data"][2 * at : 2 * at + 2] == list(single["probabilities"].values())


async def test_only_the_outputs_that_are_asked_for(ready: httpx.AsyncClient) -> None:
    answer = await ready.post(INFER, json={**images(png()), "outputs": [{"name": "label"}]})
    assert [output["name"] for output in answer.json()["outputs"]] == ["label"]
    for none in ([], None):
        answer = await ready.post(INFER, json={**images(png()), "outputs": none})
        assert len(answer.json()["outputs"]) == 3
    refused(await ready.post(INFER, json={**images(png()), "outputs": [{"name": "no"}]}), 422, "VALIDATION_ERROR")


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "no inputs": ({"inputs": []}, 422, "VALIDATION_ERROR"),
    "two inputs": ({"inputs": images(png())["inputs"] * 2}, 422, "VALIDATION_ERROR"),
    "an unknown input": (images(png(), name="pixels"), 422, "VALIDATION_ERROR"),
    "numbers for pictures": (images(png(), datatype="FP32", data=[1.0]), 422, "VALIDATION_ERROR"),
    "no base64": (images(png(), data=["***"]), 422, "VALIDATION_ERROR"),
    "a shape that is not the data's": (images(png(), shape=[2]), 422, "VALIDATION_ERROR"),
    "no shape": (images(png(), shape=[]), 413, "PAYLOAD_TOO_LARGE"),
    "too many pictures": (images(*[png()] * 17), 413, "PAYLOAD_TOO_LARGE"),
    "one that is no picture": (images(png(), b"hello"), 400, "INVALID_IMAGE"),
    "one that is cut short": (images(png(), png()[:80]), 400, "INVALID_IMAGE"),
    "one that is a GIF": (images(png(), b"GIF89a"), 415, "UNSUPPORTED_FORMAT"),
    "one of too many bytes": (images(png().ljust(100_001, b"\0")), 413, "PAYLOAD_TOO_LARGE"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_refused(ready: httpx.AsyncClient, name: str) -> None:
    request, status, code = WRONG[name]
    refused(await ready.post(INFER, json=request), status, code)


async def test_a_batch_that_the_queue_cannot_hold_is_shed_whole(
    ready: httpx.AsyncClient, held: HeldWorker, app: FastAPI
) -> None:
    answer = await ready.post(INFER, json=images(*[png()] * 8))
    refused(answer, 503, "OVERLOADED")
    assert answer.headers["Retry-After"] == "1"

    async def nobody_waits() -> bool:
        return bool(app.state.service.predictions.in_flight == 0)

    await eventually(nobody_waits)
    held.open.set()


async def test_a_deadline(ready: httpx.AsyncClient, held: HeldWorker) -> None:
    answer = await ready.post(INFER, json=images(png()), headers={"X-Request-Timeout-Ms": "20"})
    refused(answer, 504, "TIMEOUT")
    held.open.set()


async def test_rows_of_numbers(settings: ServiceSettings) -> None:
    tabular_bundle(settings.model_path)
    async with running(create_app(TOY, settings)) as client:
        await until_ready(client)
        numbers = {"name": "numbers", "datatype": "FP32", "shape": [2, 3]}
        good = {"inputs": [{**numbers, "data": [0.9, 0.5, 0.5, 0.1, 0.5, 0.5]}]}
        assert (await client.post(INFER, json=good)).json()["outputs"][0]["data"] == ["red", "other"]
        bad = {"inputs": [{**numbers, "data": [0.9, 0.5, 0.5, 7, 0.5, 0.5]}]}
        refused(await client.post(INFER, json=bad), 422, "VALIDATION_ERROR")


@pytest.fixture
def served(root: Path, settings: ServiceSettings) -> Iterator[str]:
    """The address of the toy service behind a real HTTP server, on a thread of its own."""
    port = free_port()
    app = create_app(TOY, settings.model_copy(update={"max_queue": 16}))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


def ask(address: str, *, binary: bool) -> tuple[list[str], Any]:
    """What Triton's client gets for COLOURS."""
    pictures = [png(colour) if at % 2 else jpeg(colour, quality=95) for at, colour in enumerate(COLOURS)]
    client = triton.InferenceServerClient(address)
    try:
        assert client.is_server_live()
        assert client.is_model_ready("toy")
        assert client.get_model_metadata("toy")["versions"] == ["1.0.0"]
        tensor = triton.InferInput("image", [len(pictures)], "BYTES")
        tensor.set_data_from_numpy(np.array(pictures, dtype=np.object_), binary_data=True)
        outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("label", "probabilities")]
        answer = client.infer("toy", [tensor], outputs=outputs)
        with pytest.raises(triton.InferenceServerException, match="No model 'other'"):
            client.get_model_metadata("other")
        labels = [text.decode() if isinstance(text, bytes) else str(text) for text in answer.as_numpy("label")]
        return labels, answer.as_numpy("probabilities")
    finally:
        client.close()


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
async def test_tritons_client(served: str, binary: bool) -> None:
    async with httpx.AsyncClient(base_url=f"http://{served}") as http:

        async def up() -> bool:
            try:
                return (await http.get("/v2/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(up, 20)
        labels, probabilities = await asyncio.to_thread(ask, served, binary=binary)
        assert labels[:2] == ["red", "other"]
        assert probabilities.shape == (len(COLOURS), 2)
        for at in (1, 3):
            single = (await http.post("/predict", content=png(COLOURS[at]))).json()["probabilities"]
            assert np.allclose(probabilities[at], list(single.values()), atol=1e-4)
