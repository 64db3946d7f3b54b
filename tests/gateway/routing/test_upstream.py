"""The call to a service: another instance when one fails, never longer than the deadline, refusals passed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.metrics import GatewayMetrics
from gateway.routing.fleet import Fleet, Member
from gateway.routing.upstream import Call, Upstream
from gateway.routing.wire import HttpxWire
from gateway.settings import GatewaySettings
from shared.errors import DeadlineExceeded, DoctorAIError, InvalidImage, ModelUnavailable, Overloaded
from shared.http.deadline import Deadline
from tests.support.instances import instance, prediction

PAYLOAD = Call("POST", "/predict", b"bytes", {"Content-Type": "application/octet-stream"})
GOOD = httpx.Response(200, content=prediction().model_dump_json())


class StubMonitor:
    """What Upstream needs of a Monitor, with instances a, b, …"""

    def __init__(self, names: str) -> None:
        self.fleet = Fleet()
        self.fleet.hear([instance(name) for name in names])
        self.known = {"xray": "xray"}

    def model_of(self, service: str) -> str:
        return service

    def suspect(self, member: Member, reason: str) -> None:
        member.failing = reason


def upstream(
    names: str, handler: Callable[[httpx.Request], httpx.Response], **settings: Any
) -> tuple[Upstream, StubMonitor]:
    monitor = StubMonitor(names)
    return Upstream(
        HttpxWire(httpx.MockTransport(handler)), monitor, GatewayMetrics({}), GatewaySettings(**settings)
    ), monitor  # type: ignore[arg-type]


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": "why"}, headers={"Retry-After": "3"})


async def test_a_dead_instance_costs_nothing_when_another_is_there() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "a":
            raise httpx.ConnectError("refused")
        return GOOD

    for _ in range(10):
        up, monitor = upstream("ab", handler)
        assert (await up.predict("xray", PAYLOAD, Deadline(5))).result == "normal"
        picked = await asyncio.gather(*(up.predict("xray", PAYLOAD, Deadline(5)) for _ in range(5)))
        assert len(picked) == 5
    assert all(member.failing is None for member in monitor.fleet.of("xray") if member.instance.id == "b")


async def test_an_idle_connection_that_was_closed_is_tried_again() -> None:
    calls = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise httpx.ReadError("closed")
        return GOOD

    up, _ = upstream("a", handler)
    assert (await up.predict("xray", PAYLOAD, Deadline(5))).result == "normal"
    assert calls == 2


async def test_two_attempts_at_most() -> None:
    calls = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        raise httpx.ConnectError("refused")

    up, _ = upstream("abcd", handler)
    with pytest.raises(ModelUnavailable):
        await up.predict("xray", PAYLOAD, Deadline(5))
    assert calls == 2


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (problem(400, "INVALID_IMAGE"), InvalidImage),
        (problem(503, "OVERLOADED"), Overloaded),
        (problem(503, "MODEL_UNAVAILABLE"), ModelUnavailable),
        (problem(408, "UPLOAD_TIMEOUT"), ModelUnavailable),  # we were slow, the caller was not
        (httpx.Response(502, text="<html>"), ModelUnavailable),
        (httpx.Response(500, json=["odd"]), ModelUnavailable),
        (httpx.Response(200, json={"result": "normal"}), ModelUnavailable),
        (httpx.Response(200, text="no json"), ModelUnavailable),
    ],
)
async def test_what_a_service_refuses_with(response: httpx.Response, error: type[DoctorAIError]) -> None:
    up, _ = upstream("a", lambda request: response)
    with pytest.raises(error) as caught:
        await up.predict("xray", PAYLOAD, Deadline(5))
    if error is Overloaded:
        assert caught.value.headers["Retry-After"] == "3"


async def test_an_overloaded_instance_is_left_for_another() -> None:
    up, _ = upstream("ab", lambda request: problem(503, "OVERLOADED") if request.url.host == "a" else GOOD)
    for _ in range(10):
        assert (await up.predict("xray", PAYLOAD, Deadline(5))).result == "normal"


async def test_no_instance_says_why() -> None:
    up, monitor = upstream("", lambda request: GOOD)
    with pytest.raises(ModelUnavailable, match="no instance has announced itself"):
        await up.predict("xray", PAYLOAD, Deadline(5))
    monitor.fleet.hear([instance("a", ready=False, reason="its checksum is wrong")])
    with pytest.raises(ModelUnavailable, match="its checksum is wrong"):
        await up.predict("xray", PAYLOAD, Deadline(5))


async def test_the_deadline_ends_a_hanging_call() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        assert 0 < int(request.headers["X-Request-Timeout-Ms"]) <= 100
        await asyncio.Event().wait()
        return GOOD

    up, monitor = upstream("a", handler)  # type: ignore[arg-type]
    with pytest.raises(DeadlineExceeded):
        await up.predict("xray", PAYLOAD, Deadline(0.1))
    assert monitor.fleet.of("xray")[0].in_flight == 0


async def test_a_cancelled_call_frees_its_place() -> None:
    started = asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        started.set()
        await asyncio.Event().wait()
        return GOOD

    up, monitor = upstream("a", handler)  # type: ignore[arg-type]
    task = asyncio.create_task(up.predict("xray", PAYLOAD, Deadline(30)))
    await started.wait()
    assert monitor.fleet.of("xray")[0].in_flight == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert monitor.fleet.of("xray")[0].in_flight == 0


async def test_an_answer_of_the_wrong_shape_is_left_for_another_instance() -> None:
    """And opens the circuit of the one that gave it."""

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"result": "normal"}) if request.url.host == "a" else GOOD

    up, monitor = upstream("ab", handler)
    for _ in range(40):
        assert (await up.predict("xray", PAYLOAD, Deadline(5))).result == "normal"
    assert monitor.fleet.of("xray")[0].circuit.state == "open"


async def test_what_an_ejected_instance_had_in_hand_is_asked_of_another() -> None:
    started = asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "a":
            started.set()
            await asyncio.Event().wait()
        return GOOD

    up, monitor = upstream("a", handler)  # type: ignore[arg-type]
    task = asyncio.create_task(up.predict("xray", PAYLOAD, Deadline(30)))
    await started.wait()
    monitor.fleet.add(instance("b"))
    monitor.fleet.of("xray")[0].eject("does not answer")
    assert (await task).result == "normal"
    assert [member.in_flight for member in monitor.fleet.of("xray")] == [0, 0]


async def test_a_short_deadline_says_nothing_of_the_instance() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return GOOD

    up, monitor = upstream("a", handler)  # type: ignore[arg-type]
    for _ in range(6):
        with pytest.raises(DeadlineExceeded):
            await up.predict("xray", PAYLOAD, Deadline(0.01))
    assert monitor.fleet.of("xray")[0].circuit.state == "closed"


async def test_retries_end_with_their_budget() -> None:
    calls = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(502, text="<html>")

    up, _ = upstream("ab", handler)
    for _ in range(200):
        with pytest.raises(ModelUnavailable):
            await up.predict("xray", PAYLOAD, Deadline(5))
    assert calls < 200 + 200 * 0.2 + 35


async def test_hedging_takes_the_faster_of_two() -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "a":
            await asyncio.Event().wait()
        return GOOD

    up, monitor = upstream("ab", handler, hedge_after_ms=10)  # type: ignore[arg-type]
    call = replace(PAYLOAD, hedged=True)
    for _ in range(10):
        assert (await up.predict("xray", call, Deadline(30))).result == "normal"
    assert [member.in_flight for member in monitor.fleet.of("xray")] == [0, 0]


async def test_only_what_was_built_here_is_sent() -> None:
    seen: list[httpx.Headers] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return GOOD

    up, _ = upstream("a", handler, service_token="s" * 32)
    await up.predict("xray", PAYLOAD, Deadline(5))
    assert seen[0]["x-service-token"] == "s" * 32
    ours = {"x-service-token", "x-request-id", "x-request-timeout-ms", "traceparent", "content-type", "content-length"}
    assert set(seen[0]) - ours <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
