"""The Open Inference Protocol, version 2, for the chatbot: ``text``, BYTES in; ``response``, BYTES out.

Also out: ``kind``, ``language`` and ``topic``, BYTES, and ``confidence``, FP32. Each text stands alone.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from services.chatbot.state import ChatState, state_of
from shared.contract import LONGEST_MESSAGE, ChatAnswer, ChatRequest
from shared.errors import PayloadTooLarge, ValidationFailed
from shared.http.deadline import Deadline, request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.document import refusals
from shared.http.examples import INFER_BODY, INFER_RESPONSES
from shared.service.oip_codec import InferRequest, Tensor, decode_request, encode_response
from shared.service.oip_server import check_model_name, check_model_version, readiness

_LARGEST_BATCH = 16
_OUTPUTS = ("response", "kind", "language", "topic")
router = APIRouter(prefix="/v2/models")
_DOCS: dict[str, Any] = {"openapi_extra": INFER_BODY, "responses": INFER_RESPONSES}


@router.get("/{model}/ready", responses=refusals(503))
@router.get("/{model}/versions/{version}/ready", responses=refusals(503))
async def model_ready(request: Request, model: str, version: str | None = None) -> dict[str, Any]:
    _check(state_of(request), model, version)
    return readiness(state_of(request), name=model)


@router.get("/{model}", responses=refusals(503))
@router.get("/{model}/versions/{version}", responses=refusals(503))
async def model_metadata(request: Request, model: str, version: str | None = None) -> dict[str, Any]:
    loaded = _check(state_of(request), model, version)
    return {
        "name": "chatbot",
        "versions": [loaded],
        "platform": "doctorai_torch",
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            *({"name": name, "datatype": "BYTES", "shape": [-1]} for name in _OUTPUTS),
            {"name": "confidence", "datatype": "FP32", "shape": [-1]},
        ],
    }


@router.post("/{model}/infer", **_DOCS)
@router.post("/{model}/versions/{version}/infer", **_DOCS)
async def infer(request: Request, model: str, version: str | None = None) -> Response:
    state = state_of(request)
    loaded = _check(state, model, version)
    asked = decode_request(await request.body(), request.headers.get("inference-header-content-length"), text=True)
    deadline = request_deadline(request, state.settings.request_timeout_s)
    answers = await until_disconnect(request, _answer_all(state, _messages(asked), deadline))
    return encode_response(asked, {"model_name": "chatbot", "model_version": loaded}, _tensors(answers))


def _messages(asked: InferRequest) -> list[ChatRequest]:
    if len(asked.inputs) != 1 or asked.inputs[0].name != "text":
        raise ValidationFailed("inputs: exactly one tensor 'text' is wanted.")
    texts = asked.inputs[0].bytes_elements()
    if not 1 <= len(texts) <= _LARGEST_BATCH:
        raise PayloadTooLarge(f"inputs.text: the first dimension must be 1…{_LARGEST_BATCH}.")
    return [ChatRequest(message=_text(data), history=[]) for data in texts]


def _text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ValidationFailed("inputs.text: an element is not UTF-8.") from error
    if len(text) > LONGEST_MESSAGE:
        raise ValidationFailed(f"inputs.text: an element has more than {LONGEST_MESSAGE} characters.")
    return text


async def _answer_all(state: ChatState, messages: list[ChatRequest], deadline: Deadline) -> list[ChatAnswer]:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(state.chat.answer(message, deadline)) for message in messages]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None  # the first that failed answers for the batch
    return [task.result().answer for task in tasks]


def _tensors(answers: list[ChatAnswer]) -> list[Tensor]:
    rows = [(a.response, a.kind, a.language, a.sources[0].topic if a.sources else "") for a in answers]
    shape = [len(answers)]
    texts = [Tensor(name, "BYTES", shape, [row[at].encode() for row in rows]) for at, name in enumerate(_OUTPUTS)]
    return [*texts, Tensor("confidence", "FP32", shape, [answer.confidence for answer in answers])]


def _check(state: ChatState, model: str, version: str | None) -> str:
    check_model_name(state, model)
    loaded = state.host.require().version
    check_model_version(model, version, loaded)
    return loaded
