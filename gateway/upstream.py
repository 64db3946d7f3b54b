"""Sends a request to an instance of a service, and once to another one when the first did not do its work."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TypeVar

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from gateway.fleet import Member
from gateway.monitor import Monitor
from shared.contract import ChatAnswer, ChatRequest, Prediction
from shared.errors import DoctorAIError, ModelUnavailable, Overloaded, UpstreamFault, error_of
from shared.http.chat import MEMORY, UNAVAILABLE
from shared.http.context import HEADER as REQUEST_ID
from shared.http.context import request_id
from shared.http.deadline import HEADER as TIMEOUT
from shared.http.deadline import Deadline
from shared.logs import get_logger

_log = get_logger(__name__)
_ATTEMPTS = 2
_CONNECT_S = 1.0
CHATBOT = "chatbot"
A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True)
class Payload:
    """What is sent on: the picture's bytes as they came, or JSON."""

    content: bytes
    media_type: str


def connect_upstream(max_connections: int = 512) -> httpx.AsyncClient:
    """httpx's interface over aiohttp's sockets, which carry several times as many requests a second."""
    limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)
    return httpx.AsyncClient(transport=AiohttpTransport(limits=limits), limits=limits)


class Upstream:
    """The way from the gateway to the services."""

    def __init__(self, client: httpx.AsyncClient, monitor: Monitor) -> None:
        self._client = client
        self._monitor = monitor

    async def predict(self, service: str, payload: Payload, deadline: Deadline) -> Prediction:
        """The prediction of one instance of ``service``; ``timing_ms.total`` is this gateway's.

        Raises ModelUnavailable, Overloaded, DeadlineExceeded, or what the service refused the request with.
        """
        started = time.perf_counter()
        response = await self._call(service, "POST", "/predict", deadline, payload)
        prediction = _parse(Prediction, response)
        prediction.timing_ms.total = round((time.perf_counter() - started) * 1000, 2)
        return prediction

    async def chat(self, request: ChatRequest, deadline: Deadline) -> tuple[ChatAnswer, bool]:
        """The answer of one chatbot, and whether the conversation is remembered."""
        payload = Payload(request.model_dump_json(exclude_none=True).encode(), "application/json")
        response = await self._call(CHATBOT, "POST", "/chat", deadline, payload)
        return _parse(ChatAnswer, response), response.headers.get(MEMORY) != UNAVAILABLE

    async def forget(self, session_id: str, deadline: Deadline) -> None:
        """Deletes what is remembered of a conversation."""
        await self._call(CHATBOT, "DELETE", f"/chat/{session_id}", deadline)

    async def card(self, service: str, deadline: Deadline) -> dict[str, object]:
        """The model card of ``service``."""
        response = await self._call(service, "GET", "/card", deadline)
        card: dict[str, object] = response.json()
        return card

    async def _call(
        self, service: str, method: str, path: str, deadline: Deadline, payload: Payload | None = None
    ) -> httpx.Response:
        tried: list[Member] = []
        try:
            async with asyncio.timeout(max(deadline.left, 0)):
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(_ATTEMPTS),
                    retry=retry_if_exception(lambda error: self._worth_another(error, service, tried)),
                    reraise=True,
                ):
                    with attempt:
                        tried.append(self._pick(service, tried))
                        return await self._send(tried[-1], method, path, deadline, payload)
        except TimeoutError as error:
            raise deadline.error() from error
        raise ModelUnavailable(f"{service} is not available.")  # unreachable: reraise is set

    def _worth_another(self, error: BaseException, service: str, tried: list[Member]) -> bool:
        """True for an instance's fault when another is there, or when it may only have closed an idle connection."""
        if not isinstance(error, (UpstreamFault, Overloaded)):
            return False
        return tried[-1].failing is not None or self._another(service, tried) is not None

    def _another(self, service: str, tried: list[Member]) -> Member | None:
        return self._monitor.fleet.pick(service, exclude={member.instance.id for member in tried})

    def _pick(self, service: str, tried: list[Member]) -> Member:
        member = self._another(service, tried) or (tried[-1] if tried else None)
        if member is None:
            raise self._unavailable(service)
        return member

    def _unavailable(self, service: str) -> ModelUnavailable:
        reasons = [member.reason for member in self._monitor.fleet.of(service) if member.reason]
        reason = reasons[0] if reasons else "no instance has announced itself"
        model = self._monitor.known.get(service, service)
        return ModelUnavailable(f"{model} is not available: {reason}.", headers={"Retry-After": "2"})

    async def _send(
        self, member: Member, method: str, path: str, deadline: Deadline, payload: Payload | None
    ) -> httpx.Response:
        headers = {REQUEST_ID: request_id(), TIMEOUT: str(max(1, int(deadline.left * 1000)))}
        if payload:
            headers["Content-Type"] = payload.media_type
        member.in_flight += 1
        try:
            response = await self._client.request(
                method,
                f"{member.instance.address}{path}",
                content=payload.content if payload else None,
                headers=headers,
                timeout=httpx.Timeout(None, connect=_CONNECT_S),
            )
        except httpx.HTTPError as error:
            self._monitor.suspect(member, f"does not answer ({type(error).__name__})")
            _log.warning("instance_failed", instance=member.instance.id, error=type(error).__name__)
            raise UpstreamFault(f"The instance {member.instance.id} does not answer.") from error
        finally:
            member.in_flight -= 1
        if not response.is_success:
            raise _refusal(response, member)
        return response


def _parse(kind: type[A], response: httpx.Response) -> A:
    try:
        return kind.model_validate_json(response.content)
    except ValidationError as error:
        raise UpstreamFault(f"The service answered, but not with a {kind.__name__.lower()}.") from error


def _refusal(response: httpx.Response, member: Member) -> DoctorAIError:
    """The error that the service answered with; a fault of the instance when it is none of ours."""
    try:
        body = response.json()
        error = error_of(body["code"], str(body["detail"]))
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError):
        error = None
    if error is None:
        return UpstreamFault(f"The instance {member.instance.id} answered {response.status_code}.")
    if isinstance(error, ModelUnavailable):
        return UpstreamFault(error.detail)
    if "Retry-After" in response.headers:
        error.headers["Retry-After"] = response.headers["Retry-After"]
    return error
