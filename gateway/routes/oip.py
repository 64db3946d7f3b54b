"""The Open Inference Protocol, version 2, for every model: tritonclient and KServe's clients talk to it.

Bodies go through as they came, JSON or the binary extension: what a tensor holds is the service's to say.
"""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from gateway import examples
from gateway.health import ServiceHealth, service_health
from gateway.oip_decision import decision_of
from gateway.policy import ModelName, SignedIn, check_model, needs
from gateway.routing.upstream import Call, read_object
from gateway.routing.wire import Reply
from gateway.state import GatewayState, state_of
from gateway.trail import Entry
from shared.errors import ModelUnavailable, NotFound, UpstreamFault
from shared.http.deadline import Deadline, request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.document import refusals
from shared.http.examples import INFERENCE_HEADER
from shared.http.numbers import whole_number
from shared.version import VERSION

router = APIRouter(prefix="/v2", tags=["open inference protocol"])
Version = Annotated[str, Path(description="a model's version", examples=["1.0.0"])]
_PASSED_ON = ("content-type", INFERENCE_HEADER.lower())
_METADATA_S = 5.0
_SOON = {"Retry-After": "2"}
_READY = needs("viewer", responses=refusals(503))
_METADATA = needs("viewer", responses=refusals(503, 504))
_INFER = needs("clinician", **examples.INFER)


class IndexQuery(BaseModel):
    """``ready``: only the models that are."""

    ready: bool = False


@router.get("", summary="The server", **needs("viewer"))
async def server_metadata() -> dict[str, Any]:
    return {"name": "doctorai", "version": VERSION, "extensions": ["binary_tensor_data"]}


@router.get("/health/live", summary="This process answers", **needs("viewer"))
async def server_live() -> dict[str, bool]:
    return {"live": True}


@router.get("/health/ready", summary="Some model is ready", **_READY)
async def server_ready(request: Request) -> dict[str, bool]:
    state = state_of(request)
    if not any(_health(state, service).ready for service in state.monitor.known):
        raise ModelUnavailable("No model is ready.", headers=_SOON, extra={"ready": False})
    return {"ready": True}


@router.post("/repository/index", summary="The models, their versions and states", **needs("viewer"))
async def repository_index(request: Request, asked: IndexQuery | None = None) -> list[dict[str, str]]:
    """Triton's list of what can be asked: a row for each model and version; `UNAVAILABLE` comes with the reason."""
    state = state_of(request)
    rows = [row for service, model in state.monitor.known.items() for row in _index_rows(state, service, model)]
    return [row for row in rows if row["state"] == "READY"] if asked and asked.ready else rows


@router.get("/models/{model}/ready", summary="The model is ready", **_READY)
async def model_ready(request: Request, model: ModelName) -> dict[str, Any]:
    """503 with the reason for a model that no instance can answer for; 404 for one that there is not."""
    return _readiness(state_of(request), model, None)


@router.get("/models/{model}/versions/{version}/ready", summary="The version is ready", **_READY)
async def version_ready(request: Request, model: ModelName, version: Version) -> dict[str, Any]:
    """The same; 404 also for a version that no instance has."""
    return _readiness(state_of(request), model, version)


@router.get("/models/{model}", summary="What the model takes and gives", **_METADATA)
async def model_metadata(request: Request, model: ModelName) -> dict[str, Any]:
    return await _metadata(state_of(request), model, None)


@router.get("/models/{model}/versions/{version}", summary="The same of a version", **_METADATA)
async def version_metadata(request: Request, model: ModelName, version: Version) -> dict[str, Any]:
    return await _metadata(state_of(request), model, version)


@router.post("/models/{model}/infer", summary="Infer", **_INFER)
async def infer(request: Request, caller: SignedIn, model: ModelName) -> Response:
    """Up to 16 inputs at once: ``image``, BYTES, an encoded JPEG or PNG each; or the model's numbers, FP32.

    In JSON the bytes of a picture are base64; the chatbot's ``text`` is text. All pictures of a request together may
    have as many bytes as one of `/api/predict`.
    """
    return await _infer(request, caller, model, None)


@router.post("/models/{model}/versions/{version}/infer", summary="Infer with a version", **_INFER)
async def version_infer(request: Request, caller: SignedIn, model: ModelName, version: Version) -> Response:
    """The same; 404 for a version that is not loaded."""
    return await _infer(request, caller, model, version)


def _health(state: GatewayState, service: str) -> ServiceHealth:
    """What `/api/health` says of the service, too."""
    return service_health(state.monitor.known[service], state.monitor.fleet.of(service))


def _versions(health: ServiceHealth) -> list[str]:
    return sorted({instance.version or "" for instance in health.instances if instance.ready})


def _index_rows(state: GatewayState, service: str, model: str) -> list[dict[str, str]]:
    health = _health(state, service)
    if not health.ready:
        return [{"name": model, "version": "", "state": "UNAVAILABLE", "reason": health.reason or ""}]
    return [{"name": model, "version": version, "state": "READY", "reason": ""} for version in _versions(health)]


def _readiness(state: GatewayState, model: str, version: str | None) -> dict[str, Any]:
    health = _health(state, state.service_of(model))
    if not health.ready:
        extra: dict[str, object] = {"name": model, "ready": False}
        raise ModelUnavailable(f"{model} is not ready: {health.reason}.", headers=_SOON, extra=extra)
    if version is not None and version not in _versions(health):
        raise NotFound(f"No version {version} of {model} here; {', '.join(_versions(health))} is loaded.")
    return {"name": model, "ready": True}


async def _metadata(state: GatewayState, model: str, version: str | None) -> dict[str, Any]:
    service = state.service_of(model)
    call = Call("GET", _path(service, version), version=version, route=_route(version))
    return await state.upstream.send(service, call, Deadline(_METADATA_S), read_object)


async def _infer(request: Request, caller: SignedIn, model: str, version: str | None) -> Response:
    state = state_of(request)
    service = state.service_of(model)
    with state.trail.entry(request, "infer", model=state.model_of(service)) as entry:
        check_model(caller, state.model_of(service))
        deadline, content = request_deadline(request, state.settings.request_timeout_s), await request.body()
        entry.begin()
        entry.note(input=state.keyring.digest("input", content)[:32])
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        path, route = f"{_path(service, version)}/infer", f"{_route(version)}/infer"
        call = Call("POST", path, content, headers, hedged=True, version=version, route=route)
        answer, told = await until_disconnect(request, _send(state, service, call, deadline))
        _note(entry, answer, told)
    headers = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
    return Response(answer.content, headers=headers)


async def _send(state: GatewayState, service: str, call: Call, deadline: Deadline) -> tuple[Reply, dict[str, Any]]:
    async with state.predictions.places(service).take(deadline):
        return await state.upstream.send(service, call, deadline, _inferred)


def _note(entry: Entry, answer: Reply, told: dict[str, Any]) -> None:
    found = decision_of(told, answer.content[_json_length(answer) :])
    entry.note(model_version=str(told.get("model_version", "")) or None, decision=found.word)
    entry.abstentions = found.abstentions


def _path(service: str, version: str | None) -> str:
    return f"/v2/models/{service}" + (f"/versions/{quote(version, safe='')}" if version else "")


def _route(version: str | None) -> str:
    return "/v2/models/{model}" + ("/versions/{version}" if version else "")


def _inferred(reply: Reply) -> tuple[Reply, dict[str, Any]]:
    """The answer and its JSON part. Raises UpstreamFault for anything else."""
    try:
        told = json.loads(reply.content[: _json_length(reply)])
    except ValueError as error:
        raise UpstreamFault("The service answered, but not in the Open Inference Protocol.") from error
    if not isinstance(told, dict) or not isinstance(told.get("outputs"), list):
        raise UpstreamFault("The service answered, but without outputs.")
    return reply, told


def _json_length(reply: Reply) -> int:
    return whole_number(reply.headers.get(INFERENCE_HEADER, "")) or len(reply.content)
