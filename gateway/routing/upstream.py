"""Sends a request to an instance of a service, and once to another one when the first did not do its work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.metrics import GatewayMetrics
from gateway.monitor import Monitor
from gateway.routing.budget import RetryBudget
from gateway.routing.fleet import Member
from gateway.routing.wire import Reply, Wire, WireError
from gateway.settings import GatewaySettings
from shared.contract import ChatAnswer, ChatRequest, OodScore, Prediction
from shared.errors import DoctorAIError, ModelUnavailable, Overloaded, UpstreamFault, error_of
from shared.http.chat import MEMORY, UNAVAILABLE
from shared.http.context import HEADER as REQUEST_ID
from shared.http.context import request_id
from shared.http.credential import HEADER as CREDENTIAL
from shared.http.deadline import HEADER as TIMEOUT
from shared.http.deadline import Deadline
from shared.logs import get_logger
from shared.tracing.trace import Call as TracedCall
from shared.tracing.trace import Trace, current
from shared.tracing.traceparent import HEADER as TRACE
from shared.tracing.traceparent import new_trace_id
from shared.versions import ServiceVersions

_log = get_logger(__name__)
_ATTEMPTS = 2
_PATIENT_S = 5.0
"""A deadline shorter than this tells more of the caller than of the instance that missed it."""
_TICK_S = 0.005
"""A timer may end this much before the clock that the deadline is read from."""
_FAULTS = (500, 502, 503, 504)
CHATBOT = "chatbot"
A = TypeVar("A", bound=BaseModel)
M = TypeVar("M", Prediction, OodScore)
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """What is sent on: built here from what was understood, never a caller's headers as they came.

    ``version`` asks for an instance that has it; any will do without. ``route``: the path without ids, if it has any.
    ``unready``: where no instance is ready, one that answers will do. ``hasty``: waited for only shortly, so that a
    deadline that is missed tells nothing of the instance.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hedged: bool = False
    version: str | None = None
    route: str = ""
    unready: bool = False
    hasty: bool = False

    @property
    def template(self) -> str:
        """The path as a trace may name it: without a query, and without what a caller chose."""
        return self.route or self.path.partition("?")[0]


class Upstream:
    """The way from the gateway to the services.

    Every method raises ModelUnavailable, Overloaded, DeadlineExceeded, or what the service refused the request with.
    """

    def __init__(self, wire: Wire, monitor: Monitor, metrics: GatewayMetrics, settings: GatewaySettings) -> None:
        self._wire = wire
        self._monitor = monitor
        self._metrics = metrics
        token = settings.service_token
        self._credential = {CREDENTIAL: token.get_secret_value()} if token else {}
        self._hedge_after_s = settings.hedge_after_ms / 1000
        self._budgets: dict[str, RetryBudget] = {}

    async def predict(self, service: str, call: Call, deadline: Deadline) -> Prediction:
        """The prediction of one instance of ``service``, and of its model: an address may change hands."""
        return await self.send(
            service, call, deadline, partial(_of_model, Prediction, self._monitor.known.get(service))
        )

    async def ood_score(self, service: str, picture: bytes, deadline: Deadline) -> OodScore:
        """How strange the picture is to the model of ``service``."""
        headers = {"Content-Type": "application/octet-stream"}
        call = Call("POST", "/ood-score", picture, headers, hedged=True, hasty=True)
        return await self.send(service, call, deadline, partial(_of_model, OodScore, self._monitor.known.get(service)))

    async def chat(self, request: ChatRequest, deadline: Deadline) -> tuple[ChatAnswer, bool]:
        """The answer of one chatbot, and whether the conversation is remembered."""
        content = request.model_dump_json(exclude_none=True).encode()
        call = Call("POST", "/chat", content, {"Content-Type": "application/json"})
        return await self.send(CHATBOT, call, deadline, _chat_answer)

    async def forget(self, session_id: str, deadline: Deadline) -> None:
        """Deletes what is remembered of a conversation."""
        await self.send(
            CHATBOT, Call("DELETE", f"/chat/{session_id}", route="/chat/{session_id}"), deadline, lambda _: None
        )

    async def card(self, service: str, deadline: Deadline) -> dict[str, Any]:
        """The model card of ``service``."""
        return await self.send(service, Call("GET", "/card"), deadline, read_object)

    async def plot(self, service: str, name: str, version: str | None, deadline: Deadline) -> bytes:
        """A plot of the model card of ``service``, an SVG; with ``version`` of no other one."""
        path = f"/plots/{name}" + (f"?version={version}" if version else "")
        call = Call("GET", path, version=version, route="/plots/{name}")
        return await self.send(service, call, deadline, lambda reply: reply.content)

    async def versions(self, service: str, deadline: Deadline) -> ServiceVersions:
        """The versions of ``service``, also of one with no model that works."""
        call = Call("GET", "/versions", unready=True)
        return await self.send(service, call, deadline, partial(_parse, ServiceVersions))

    async def activate(self, service: str, version: str, revision: str, deadline: Deadline) -> ServiceVersions:
        """The versions of ``service`` once ``version`` is chosen, in the place of the choice of ``revision`` alone: one
        that arrives late replaces no later one."""
        content = json.dumps({"version": version, "revision": revision}).encode()
        call = Call("POST", "/versions/activate", content, {"Content-Type": "application/json"}, unready=True)
        return await self.send(service, call, deadline, partial(_parse, ServiceVersions))

    async def send(self, service: str, call: Call, deadline: Deadline, parse: Callable[[Reply], T]) -> T:
        """What ``parse`` makes of the answer. One that it cannot read (UpstreamFault) is the instance's fault."""
        deadline.check()
        self._budget(service).deposit()
        tried: list[Member] = []
        try:
            return await self._once(service, call, deadline, parse, tried)
        except (UpstreamFault, Overloaded):
            if not self._worth_another(service, call, tried):
                raise
            return await self._once(service, call, deadline, parse, tried)

    async def _once(
        self, service: str, call: Call, deadline: Deadline, parse: Callable[[Reply], T], tried: list[Member]
    ) -> T:
        tried.append(self._pick(service, call, tried))
        return await self._hedged(service, call, deadline, parse, tried)

    def _worth_another(self, service: str, call: Call, tried: list[Member]) -> bool:
        """True when another instance is there, or the one tried may only have closed an idle connection."""
        again = tried[-1].failing is not None or self._another(service, call, tried) is not None
        if not again or not self._budget(service).withdraw():
            return False
        self._metrics.retries.labels(service).inc()
        return True

    def _another(self, service: str, call: Call, tried: list[Member]) -> Member | None:
        known = {member.instance.id for member in tried}
        return self._monitor.fleet.pick(service, exclude=known, version=call.version, unready=call.unready)

    def _pick(self, service: str, call: Call, tried: list[Member]) -> Member:
        member = self._another(service, call, tried) or (tried[-1] if tried else None)
        if member is None:
            raise self._unavailable(service)
        return member

    def _patience_s(self, service: str, call: Call, deadline: Deadline, tried: list[Member]) -> float:
        """How long the last of ``tried`` is waited for: half of a long deadline while another could be asked after it.

        Only for predictions, which are quick: a language model may need all of it.
        One that takes requests and never answers would else cost each of them, until its circuit opens.
        """
        last = (
            not call.hedged
            or len(tried) == _ATTEMPTS
            or deadline.seconds < _PATIENT_S
            or self._another(service, call, tried) is None
        )
        return deadline.left if last else deadline.left / 2

    def _unavailable(self, service: str) -> ModelUnavailable:
        reasons = [member.reason for member in self._monitor.fleet.of(service) if member.reason]
        reason = reasons[0] if reasons else "no instance has announced itself"
        model = self._monitor.model_of(service)
        return ModelUnavailable(f"{model} is not available: {reason}.", headers={"Retry-After": "2"})

    def _budget(self, service: str) -> RetryBudget:
        return self._budgets.setdefault(service, RetryBudget())

    async def _hedged(
        self, service: str, call: Call, deadline: Deadline, parse: Callable[[Reply], T], tried: list[Member]
    ) -> T:
        """Asks ``tried[-1]``, and with hedging on another one, too, when that is slow; the faster counts."""
        patience_s = self._patience_s(service, call, deadline, tried)
        first = self._attempt(tried[-1], call, deadline, parse, patience_s)
        if not self._hedge_after_s or not call.hedged:
            return await first
        tasks: set[asyncio.Future[T]] = {asyncio.ensure_future(first)}
        try:
            await asyncio.wait(tasks, timeout=self._hedge_after_s)
            other = self._another(service, call, tried)
            if not any(task.done() for task in tasks) and other and self._budget(service).withdraw():
                self._metrics.hedges.labels(service).inc()
                tried.append(other)
                tasks.add(asyncio.ensure_future(self._attempt(other, call, deadline, parse, deadline.left)))
            return await _first_success({*tasks})
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _attempt(
        self, member: Member, call: Call, deadline: Deadline, parse: Callable[[Reply], T], patience_s: float
    ) -> T:
        trace = current() or Trace(new_trace_id())
        with trace.call(call.method, call.template, member.instance.address) as told:
            return await self._exchange(member, call, deadline, parse, patience_s, told)

    async def _exchange(
        self,
        member: Member,
        call: Call,
        deadline: Deadline,
        parse: Callable[[Reply], T],
        patience_s: float,
        told: TracedCall,
    ) -> T:
        async with self._in_hand(member, call, deadline, patience_s):
            headers = {
                **self._credential,
                **call.headers,
                REQUEST_ID: request_id(),
                TRACE: told.header,
                TIMEOUT: str(max(1, int(deadline.left * 1000))),
            }
            url = member.instance.address + call.path
            reply = await self._wire.exchange(call.method, url, headers, call.content)
            told.status = reply.status_code
            if not 200 <= reply.status_code < 300:
                raise _refusal(reply, member)
            return parse(reply)

    @asynccontextmanager
    async def _in_hand(self, member: Member, call: Call, deadline: Deadline, patience_s: float) -> AsyncIterator[None]:
        """Counts a call, ends it after ``patience_s`` or when ``member`` is ejected, and notes how the member did."""
        member.in_flight += 1
        member.circuit.begin()
        verdict = member.circuit.abandoned
        try:
            async with asyncio.timeout(max(patience_s, 0)) as limit:
                member.calls.add(limit)
                try:
                    yield
                finally:
                    member.calls.discard(limit)
            verdict = member.circuit.succeeded
        except TimeoutError as error:
            patient = deadline.seconds >= _PATIENT_S and not call.hasty
            verdict = member.circuit.failed if patient else member.circuit.abandoned
            if deadline.left > _TICK_S:
                raise UpstreamFault(f"The instance {member.instance.id} does not answer.") from error
            raise deadline.error() from error
        except WireError as error:
            verdict = member.circuit.failed
            self._monitor.suspect(member, f"does not answer ({error})")
            _log.warning("instance_failed", instance=member.instance.id, error=str(error))
            raise UpstreamFault(f"The instance {member.instance.id} does not answer.") from error
        except Overloaded:
            raise
        except DoctorAIError as error:
            verdict = member.circuit.failed if error.status in _FAULTS else member.circuit.succeeded
            raise
        finally:
            member.in_flight -= 1
            verdict()


async def _first_success(tasks: set[asyncio.Future[T]]) -> T:
    """The first answer; the last error when there is none."""
    pending = set(tasks)
    while True:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not pending or task.exception() is None:
                return task.result()


def _parse(kind: type[A], reply: Reply) -> A:
    try:
        return kind.model_validate_json(reply.content)
    except ValidationError as error:
        raise UpstreamFault(f"The service answered, but not with a {kind.__name__.lower()}.") from error


def _of_model(kind: type[M], model: str | None, reply: Reply) -> M:
    answer = _parse(kind, reply)
    if model is not None and answer.model != model:
        raise UpstreamFault(f"The service answered for {answer.model}.")
    return answer


def _chat_answer(reply: Reply) -> tuple[ChatAnswer, bool]:
    return _parse(ChatAnswer, reply), reply.headers.get(MEMORY) != UNAVAILABLE


def read_object(reply: Reply) -> dict[str, Any]:
    """The JSON object of the answer. Raises UpstreamFault for anything else."""
    try:
        found = reply.json()
    except ValueError as error:
        raise UpstreamFault("The service answered, but not with JSON.") from error
    if not isinstance(found, dict):
        raise UpstreamFault("The service answered, but not with an object.")
    return found


def _refusal(reply: Reply, member: Member) -> DoctorAIError:
    """The error that the service answered with; a fault of the instance when it is none of ours."""
    try:
        body = reply.json()
        error = error_of(body["code"], str(body["detail"]))
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError):
        error = None
    if error is None or reply.status_code in (401, 408):  # our own credential, our own sending: not the caller's
        return UpstreamFault(f"The instance {member.instance.id} answered {reply.status_code}.")
    if isinstance(error, ModelUnavailable):
        return UpstreamFault(error.detail)
    if "Retry-After" in reply.headers:
        error.headers["Retry-After"] = reply.headers["Retry-After"]
    return error
