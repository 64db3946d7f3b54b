"""A gateway whose services are functions of the test, and whose fleet stands still."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from gateway.app import create_app
from gateway.health import RedisHealth
from gateway.monitor import Monitor
from gateway.routing.wire import HttpxWire
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from shared.contract import ChatAnswer, Prediction
from tests.shared.audit.helpers import lines
from tests.support.apps import running
from tests.support.instances import instance, prediction
from tests.support.people import signed_in
from tests.support.pictures import jpeg
from tests.support.requests import metric

DECISIONS = {"name": "decision", "datatype": "BYTES", "shape": [1], "data": ["predicted"]}


class Faked:
    """``answers``: path at the service → what it answers; ``by_host``: what a host answers, whatever it is asked;
    ``silent``: hosts that never do; ``asked``: what was asked of which host."""

    def __init__(self, api: httpx.AsyncClient, state: GatewayState) -> None:
        self.api = api
        self.state = state
        self.answers: dict[str, httpx.Response] = {"/predict": predicted(), "/chat": chatted()}
        self.by_host: dict[str, httpx.Response | Callable[[], Awaitable[httpx.Response]]] = {}
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        state.upstream._wire = HttpxWire(httpx.MockTransport(self._answer))
        for service, model in (("xray", "xray"), ("chatbot", "chatbot")):
            state.monitor.fleet.add(instance(f"{service}-1", service=service, model=model))
        state.monitor.redis = RedisHealth(status="up", latency_ms=2.5)

    async def value(self, line: str) -> float:
        """Of the metric ``line``, name and labels as they stand."""
        return await metric(self.api, "", line)

    async def counted(self, name: str) -> dict[str, float]:
        """The series of the metric ``name`` that are not 0: labels → value."""
        found = (line.rpartition(" ") for line in (await self.text()).splitlines() if line.startswith(name + "{"))
        return {labels.removeprefix(name): float(value) for labels, _, value in found if float(value)}

    async def text(self) -> str:
        return (await self.api.get("/metrics")).text

    async def series(self) -> set[str]:
        """Names and labels, without the values."""
        return {line.rpartition(" ")[0] for line in (await self.text()).splitlines() if not line.startswith("#")}

    async def audited(self) -> list[dict[str, Any]]:
        """The events of its audit log, those that are still in memory included."""
        await self.state.trail.log.flush()
        return [line["event"] for line in lines(self.state.settings.audit_log_path)]

    async def predict(self, path: str = "/api/predict/xray", **headers: str) -> httpx.Response:
        picture = jpeg() + uuid.uuid4().bytes
        return await self.api.post(path, files={"file": ("a.jpg", picture)}, headers=headers)

    async def infer(self, outputs: list[dict[str, Any]] | None = None) -> httpx.Response:
        told = {"model_name": "xray", "model_version": "1.0.0", "outputs": outputs or [DECISIONS]}
        self.answers["/v2/models/xray/infer"] = httpx.Response(200, json=told)
        return await self.api.post("/v2/models/xray/infer", json={"inputs": []})

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.asked.append((host, request.url.path))
        if host in self.silent:
            await asyncio.Event().wait()
        if found := self.by_host.get(host):
            return found if isinstance(found, httpx.Response) else await found()
        return self.answers.get(request.url.path, problem(404, "NOT_FOUND"))


@asynccontextmanager
async def faked(settings: GatewaySettings) -> AsyncIterator[Faked]:
    """One that runs, asked by a clinician."""
    app = create_app(settings)

    async def nothing() -> None:
        """Looks at nothing: what the test puts into the fleet stays as it is."""

    monitor: Monitor = app.state.gateway.monitor
    monitor._tick = nothing  # type: ignore[method-assign]
    async with running(app) as client:
        client.headers.update(signed_in())
        yield Faked(client, app.state.gateway)


def predicted(**changes: Any) -> httpx.Response:
    found: Prediction = prediction().model_copy(update=changes)
    return httpx.Response(200, content=found.model_dump_json())


def abstained(reason: str = "low_confidence", version: str = "1.0.0") -> httpx.Response:
    return predicted(decision="abstained", abstain_reason=reason, result=None, model_version=version)


def chatted(kind: str = "answer") -> httpx.Response:
    answer = ChatAnswer(
        request_id="r" * 8,
        session_id="s" * 8,
        response="Rest.",
        language="en",
        kind=kind,  # type: ignore[arg-type]
        confidence=1,
        red_flag=False,
        urgency="none",
        sources=[],
        generated=False,
        disclaimer="d",
        model_version="2.0.0",
        instance="chatbot-1",
        timing_ms=1,
        timestamp=datetime.now(UTC),
    )
    return httpx.Response(200, content=answer.model_dump_json())


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": "why"})
