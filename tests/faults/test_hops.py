"""Nothing of a request's form gets past the gateway: what it sends on it has made itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from shared.audit.read import entries
from shared.http.protocol import LARGEST_HEAD
from tests.faults.puppet import Puppet
from tests.faults.raw import exchange
from tests.faults.toys import another_gateway, client_of
from tests.support.load import fresh_picture
from tests.support.pictures import png
from tests.support.processes import eventually
from tests.support.system import SERVICE_TOKEN, System

pytestmark = pytest.mark.integration
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_EMPTY = "Content-Length: 0\r\n"
AMBIGUOUS = {
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": "Content-Length: 5, 5\r\n\r\nhello",
    "a length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "chunks that are not last": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another coding": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "packed chunks": "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a negative length": "Content-Length: -1\r\n\r\n",
    "a signed length": "Content-Length: +5\r\n\r\nhello",
    "a length in hexadecimal": "Content-Length: 0x5\r\n\r\nhello",
    "a length of 30 digits": f"Content-Length: {10**30}\r\n\r\n",
    "a length of a terabyte": f"Content-Length: {10**12}\r\n\r\n",
    "a negative chunk": "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    "a chunk of 2⁶⁸": "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
    "a folded header": f"X-A: b\r\n Content-Length: 5\r\n{_EMPTY}\r\n",
    "a space before the colon": f"X-A : b\r\n{_EMPTY}\r\n",
    "a zero byte": f"X-A: a\0b\r\n{_EMPTY}\r\n",
    "a lone carriage return": f"X-A: a\rX-B: c\r\n{_EMPTY}\r\n",
}
WAYS_ROUND = (
    "GET /api/me HTTP/1.1\r\nHost: example.com/api/health?x=\r\n",
    "GET http://example.com/api/me?/api/health HTTP/1.1\r\nHost: x\r\n",
    "GET /api/health/../me HTTP/1.1\r\nHost: x\r\n",
    "GET /docs/%2e%2e/api/me HTTP/1.1\r\nHost: x\r\n",
    "GET //api/me HTTP/1.1\r\nHost: x\r\n",
    "GET /api/%6de HTTP/1.1\r\nHost: x\r\n",
    "GET /api/me HTTP/1.1\r\nHost: x\r\nHost: /api/health\r\n",
    "GET /api/me HTTP/1.1\r\nHost: x\r\nX-Original-URL: /api/health\r\nX-Rewrite-URL: /api/health\r\n",
    "GET /api/me HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: OPTIONS\r\nX-User: admin\r\nX-Role: admin\r\n",
    f"GET /api/me HTTP/1.1\r\nHost: x\r\nX-Service-Token: {SERVICE_TOKEN}\r\n",
)


@pytest_asyncio.fixture
async def puppet(toys: System) -> AsyncIterator[Puppet]:
    async with Puppet(toys.redis.url, service="puppet") as found:
        await found.until_used_by(toys.url)
        yield found


def head(toys: System, path: str = "/api/predict/puppet") -> str:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {toys.key}\r\nContent-Type: image/png\r\n"


@pytest.mark.parametrize("how", AMBIGUOUS)
async def test_a_body_whose_end_is_not_clear_is_refused(toys: System, how: str) -> None:
    said = await exchange(toys.gateway.port, head(toys, "/api/predict/toy"), AMBIGUOUS[how], patience_s=0.3)
    assert said.status in (400, 413, 415)
    assert said.answers == 1


async def test_what_follows_a_body_is_another_request_and_no_part_of_it(toys: System, puppet: Puppet) -> None:
    data = fresh_picture()
    smuggled = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    start = f"{head(toys)}Content-Length: {len(data)}\r\n\r\n"
    said = await exchange(toys.gateway.port, start, data + smuggled)
    assert said.answers == 2
    assert b"HTTP/1.1 401" in said.data, "it carries no credential of its own"
    assert [received.body for received in puppet.received] == [data]


async def test_a_chunked_body_over_the_limit_is_cut_off(toys: System) -> None:
    chunk = b"10000\r\n" + b"\xff" * 65536 + b"\r\n"
    before, started = toys.gateway.rss_bytes(), time.monotonic()

    async def endless() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", toys.gateway.port)
        writer.write((head(toys) + "Transfer-Encoding: chunked\r\n\r\n").encode())
        told = b""
        try:
            while True:
                writer.write(chunk)
                await writer.drain()
                if not told:
                    told = await _nonblocking(reader)
        except OSError:
            return int(told.split(b" ", 2)[1])
        finally:
            writer.close()

    async with asyncio.timeout(20):
        assert await endless() == 413
    assert time.monotonic() - started < 12, "whoever goes on sending is cut off"
    assert toys.gateway.rss_bytes() - before < 60e6


async def _nonblocking(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(0.001):
            return await reader.read(65536)
    except TimeoutError:
        return b""


async def test_a_head_without_an_end_is_cut_off(toys: System) -> None:
    """Before anybody is known: no credential is needed to send one."""
    before = toys.gateway.rss_bytes()
    start = "GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: "
    said = await exchange(toys.gateway.port, start, *[b"a" * 16384] * (2 + 16 * LARGEST_HEAD // 16384))
    assert said.status in (0, 400)
    assert said.ended
    assert toys.gateway.rss_bytes() - before < 20e6


async def test_trailers_are_no_headers(toys: System, puppet: Puppet) -> None:
    data = fresh_picture()
    trailers = b"X-Request-ID: from-a-trailer\r\nX-Service-Token: forged\r\n\r\n"
    body = f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n" + trailers
    said = await exchange(toys.gateway.port, head(toys) + "Transfer-Encoding: chunked\r\n\r\n", body)
    assert said.status == 200
    assert puppet.received[0].body == data
    assert b"from-a-trailer" not in said.data
    assert puppet.received[0].all("x-service-token") == [SERVICE_TOKEN]


@pytest.mark.parametrize("way", WAYS_ROUND)
async def test_no_way_leads_round_the_door(toys: System, way: str) -> None:
    said = await exchange(toys.gateway.port, way, "\r\n", patience_s=0.3)
    assert said.status in (400, 401)


async def test_the_service_sees_the_gateways_headers_and_none_of_the_callers(
    toys: System, api: httpx.AsyncClient, puppet: Puppet
) -> None:
    forged = {
        "X-Service-Token": "forged",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9",
        "X-User": "admin",
        "X-Role": "admin",
        "Connection": "keep-alive, X-Foo",
        "X-Foo": "bar",
        "TE": "trailers",
        "Keep-Alive": "timeout=9",
        "Proxy-Authorization": "Basic Zm9v",
        "Cookie": "a=b",
        "X-Request-ID": "an-id-of-the-caller",
        "X-Request-Timeout-Ms": "5000",
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        "tracestate": "vendor=evil",
        "baggage": "patient=evil",
    }
    headers = {**forged, "Content-Type": "image/png"}
    answer = await api.post("/api/predict/puppet", content=fresh_picture(), headers=headers)
    assert answer.status_code == 200
    received = puppet.received[0]
    names = {name.lower() for name, _ in received.headers}
    ours = {"host", "content-type", "content-length", "x-service-token", "x-request-id", "x-request-timeout-ms"}
    ours |= {"traceparent"}
    assert names <= ours | {"accept", "accept-encoding", "user-agent", "connection"}
    assert ours <= names
    assert len(names) == len(received.headers), "no header twice"
    assert received.all("x-service-token") == [SERVICE_TOKEN]
    assert received.all("x-request-id") == ["an-id-of-the-caller"]
    assert 0 < int(received.all("x-request-timeout-ms")[0]) <= 5000
    (parent,) = received.all("traceparent")
    assert parent.startswith(f"00-{TRACE}-")
    assert parent.endswith("-00"), "nobody outside decides what is traced"


@pytest.mark.parametrize("garbage", ["0", "-1", "1e3", "abc", "²", "9" * 400, "", "300, 400"])
async def test_a_deadline_that_is_none_is_refused(api: httpx.AsyncClient, garbage: str) -> None:
    headers = {"X-Request-Timeout-Ms": garbage.encode(), "Content-Type": "image/png"}
    answer = await api.post("/api/predict/toy", content=png(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")


async def test_a_service_answers_nobody_but_the_gateway(toys: System) -> None:
    async with httpx.AsyncClient(base_url=toys.services["toy"].url) as service:
        for shown in ([], [("X-Service-Token", "wrong")], [("X-Service-Token", SERVICE_TOKEN)] * 2):
            answer = await service.post("/predict", content=png(), headers=[("Content-Type", "image/png"), *shown])
            assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
        for path in ("/card", "/openapi.json", "/v2/models/toy", "/nothing"):
            assert (await service.get(path)).status_code == 401, path
        for path in ("/health/live", "/health/ready", "/metrics", "/v2/health/ready"):
            assert (await service.get(path)).status_code == 200, path


@pytest.mark.parametrize(("proxies", "audited"), [("", "127.0.0.1"), ("127.0.0.0/8", "203.0.113.9")])
async def test_only_a_trusted_proxy_says_who_the_client_is(toys: System, proxies: str, audited: str) -> None:
    async with another_gateway(toys, TRUSTED_PROXIES=proxies) as gateway, client_of(toys, gateway) as api:
        headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}
        await api.post("/api/predict/toy", files={"file": ("a", png())}, headers=headers)

        async def is_written() -> bool:
            return clients_of(Path(gateway.environment["AUDIT_LOG_PATH"])) == {audited}

        await eventually(is_written)


def clients_of(audit: Path) -> set[str]:
    """The addresses that the audit log names."""
    return {client for entry in entries(audit) if (client := entry.line.event.get("client"))}
