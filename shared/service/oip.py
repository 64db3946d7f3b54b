"""The Open Inference Protocol, version 2 (KServe, Triton): health, metadata and infer over HTTP.

Inputs: ``image``, BYTES, one encoded JPEG or PNG an element (base64 in JSON, raw with the binary extension); or the
bundle's tabular signature, FP32. Outputs: ``label``, BYTES; ``probabilities``, FP32, in the order of the labels;
``decision``, BYTES: "predicted", or why no label is given.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from shared.contract import Prediction
from shared.errors import PayloadTooLarge, ValidationFailed
from shared.http.deadline import Deadline, request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.document import refusals
from shared.http.examples import INFER_BODY, INFER_RESPONSES
from shared.imaging.sniff import check_image
from shared.manifest import Manifest, TabularInput
from shared.service.oip_codec import InferRequest, Tensor, decode_request, encode_response
from shared.service.oip_server import check_model_name, check_model_version, readiness
from shared.service.state import ServiceState

MAX_BATCH = 16
router = APIRouter(prefix="/v2")
_DOCS: dict[str, Any] = {"openapi_extra": INFER_BODY, "responses": INFER_RESPONSES}


@router.get("/models/{model}/ready", responses=refusals(503))
@router.get("/models/{model}/versions/{version}/ready", responses=refusals(503))
async def model_ready(request: Request, model: str, version: str | None = None) -> dict[str, Any]:
    _check_name(request, model, version)
    return readiness(_state(request), name=model)


@router.get("/models/{model}", responses=refusals(503))
@router.get("/models/{model}/versions/{version}", responses=refusals(503))
async def model_metadata(request: Request, model: str, version: str | None = None) -> dict[str, Any]:
    manifest = _check_name(request, model, version)
    return {
        "name": manifest.model,
        "versions": [manifest.version],
        "platform": f"doctorai_{manifest.runtime}",
        "inputs": _inputs(manifest),
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, len(manifest.labels)]},
            {"name": "decision", "datatype": "BYTES", "shape": [-1]},
        ],
        "parameters": {"labels": ",".join(manifest.labels)},
    }


@router.post("/models/{model}/infer", **_DOCS)
@router.post("/models/{model}/versions/{version}/infer", **_DOCS)
async def infer(request: Request, model: str, version: str | None = None) -> Response:
    manifest = _check_name(request, model, version)
    asked = decode_request(await request.body(), request.headers.get("inference-header-content-length"))
    deadline = request_deadline(request, _state(request).settings.request_timeout_s)
    predictions = await until_disconnect(request, _predict_all(_state(request), manifest, asked, deadline))
    return encode_response(
        asked,
        {"model_name": manifest.model, "model_version": predictions[0].model_version},
        [
            Tensor("label", "BYTES", [len(predictions)], [(item.result or "").encode() for item in predictions]),
            Tensor(
                "probabilities",
                "FP32",
                [len(predictions), len(predictions[0].probabilities)],
                [value for item in predictions for value in item.probabilities.values()],
            ),
            Tensor("decision", "BYTES", [len(predictions)], [_decision(item).encode() for item in predictions]),
        ],
    )


def _decision(prediction: Prediction) -> str:
    """ "predicted", or why there is no answer; then the label is empty."""
    return prediction.abstain_reason or prediction.decision


async def _predict_all(
    state: ServiceState, manifest: Manifest, asked: InferRequest, deadline: Deadline
) -> list[Prediction]:
    """One version's predictions: a batch during which the model was replaced is computed again."""
    while True:
        found = await _predict_each(state, manifest, asked, deadline)
        if len({item.model_digest for item in found}) == 1:
            return found
        manifest = state.host.require().bundle.manifest


async def _predict_each(
    state: ServiceState, manifest: Manifest, asked: InferRequest, deadline: Deadline
) -> list[Prediction]:
    if len(asked.inputs) != 1:
        raise ValidationFailed(f"inputs: {len(asked.inputs)} tensors; exactly one is wanted.")
    tensor = asked.inputs[0]
    if not tensor.shape or not 1 <= tensor.shape[0] <= MAX_BATCH:
        raise PayloadTooLarge(f"inputs.{tensor.name}: the first dimension must be 1…{MAX_BATCH}.")
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in _work(state, manifest, tensor, deadline)]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None  # the first that failed answers for the batch
    return [task.result() for task in tasks]


def _work(state: ServiceState, manifest: Manifest, tensor: Tensor, deadline: Deadline) -> list[Any]:
    if tensor.name == "image":
        for picture in tensor.bytes_elements():
            check_image(picture, state.settings.supported_formats)
            if len(picture) > state.settings.max_image_size:
                raise PayloadTooLarge(
                    f"The file has {len(picture):,} bytes; the limit is {state.settings.max_image_size:,}."
                )
        return [state.predictions.image(picture, deadline, active=True) for picture in tensor.bytes_elements()]
    signature = manifest.signatures.get(tensor.name)
    if signature is None or not isinstance(signature.input, TabularInput):
        raise ValidationFailed(f"inputs: no input '{tensor.name}'; see the model's metadata.")
    return [state.predictions.numbers(row, deadline, active=True) for row in tensor.rows(len(signature.input.names))]


def _inputs(manifest: Manifest) -> list[dict[str, Any]]:
    inputs: list[dict[str, Any]] = [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    for name, signature in manifest.signatures.items():
        if isinstance(signature.input, TabularInput):
            inputs.append({"name": name, "datatype": "FP32", "shape": [-1, len(signature.input.names)]})
    return inputs


def _check_name(request: Request, model: str, version: str | None) -> Manifest:
    state = _state(request)
    check_model_name(state, model)
    manifest = state.host.require().bundle.manifest
    check_model_version(model, version, manifest.version)
    return manifest


def _state(request: Request) -> ServiceState:
    state: ServiceState = request.app.state.service
    return state
