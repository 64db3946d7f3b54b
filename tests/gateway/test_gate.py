"""Who may ask for what, for every operation that the API's own document names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gateway.app import create_app
from gateway.auth.caller import ROLES, Role
from gateway.gate import is_public, network_of
from gateway.policy import ROLE
from tests.shared.audit.helpers import lines
from tests.support.accounts import NO_REDIS, settings
from tests.support.apps import running
from tests.support.people import signed_in
from tests.support.servers import raw_request, serving

PUBLIC = {
    ("GET", "/api/health"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("POST", "/api/token"),
    ("POST", "/api/token/refresh"),
    ("POST", "/api/session"),
    ("POST", "/api/session/refresh"),
    ("DELETE", "/api/session"),
}
"""All that is answered without a credential, the documentation and ``/metrics`` apart."""
HIDDEN = {"/docs", "/redoc", "/openapi.json", "/metrics", "/docs/oauth2-redirect"}
"""Paths that the document leaves out."""
IN_PATHS = {"identifier": "0" * 32, "session_id": "a-session-of-mine", "version": "1"}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    role: Role | None

    @property
    def url(self) -> str:
        return re.sub(r"{(\w+)}", lambda match: IN_PATHS.get(match[1], "tumor"), self.path)

    async def ask(self, api: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
        return await api.request(self.method, self.url, headers=headers)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(settings(NO_REDIS, tmp_path))


@pytest_asyncio.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app) as client:
        yield client


@pytest.fixture
def operations(app: FastAPI) -> list[Operation]:
    return list(documented(app))


@pytest.fixture
def protected(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.role]


def documented(app: FastAPI) -> Iterator[Operation]:
    for path, found in app.openapi()["paths"].items():
        for method, operation in found.items():
            yield Operation(method.upper(), path, operation.get(ROLE))


def test_every_operation_names_its_role_or_is_known_to_be_public(operations: list[Operation]) -> None:
    assert {(operation.method, operation.path) for operation in operations if operation.role is None} == PUBLIC
    assert {operation.role for operation in operations if operation.role} == set(ROLES)
    assert len(operations) > 30
    assert {operation.path for operation in operations if is_public(operation.path)} == {path for _, path in PUBLIC}


def test_each_role_is_the_one_that_is_meant(protected: list[Operation]) -> None:
    """Administrators manage, clinicians ask the models, viewers look."""
    managed = re.compile(r"/api/(users|keys|feedback|audit)(/|$)|/api/models/.*/(versions|activate|rollback)$")
    asked = re.compile(
        r"/api/(predict/|predictions/|suggest|chatbot|lung_colon|monkeypox|tumor|xray|palm_disease)|/v1/chat/|/v2/.*/infer$"
    )

    def meant(path: str) -> Role:
        if managed.match(path):
            return "admin"
        return "clinician" if asked.match(path) else "viewer"

    assert {str(operation): operation.role for operation in protected} == {
        str(operation): meant(operation.path) for operation in protected
    }


def test_every_route_is_in_the_document_or_known_to_be_hidden(app: FastAPI, operations: list[Operation]) -> None:
    served = {path for route in app.routes if (path := getattr(route, "path", None))}
    assert served - {operation.path for operation in operations} - HIDDEN - {"/static-offline-docs"} == set()


async def test_without_a_credential_every_one_is_401(api: httpx.AsyncClient, protected: list[Operation]) -> None:
    for operation in protected:
        answer = await operation.ask(api, {})
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED"), operation
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_role_that_is_too_small_is_403(api: httpx.AsyncClient, protected: list[Operation]) -> None:
    for operation in protected:
        for role in ROLES[: ROLES.index(operation.role or "viewer")]:
            answer = await operation.ask(api, signed_in(role))
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), (operation, role)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_what_a_role_was_refused_is_audited(
    app: FastAPI, api: httpx.AsyncClient, protected: list[Operation], tmp_path: Path
) -> None:
    refused = [operation for operation in protected if operation.role != "viewer"]
    for operation in refused:
        await operation.ask(api, signed_in("viewer"))
    await app.state.gateway.trail.log.flush()
    told = [line["event"] for line in lines(tmp_path / "audit")]
    denied = [event for event in told if event["action"] == "access"]
    assert len(denied) == len(refused)
    assert {(event["outcome"], event["role"]) for event in denied} == {("FORBIDDEN", "viewer")}


async def test_who_is_told_to_stop_is_not_ready_but_lives(app: FastAPI, api: httpx.AsyncClient) -> None:
    assert (await api.get("/readyz")).status_code == 200
    app.state.gateway.draining.set()
    assert (await api.get("/readyz")).json()["code"] == "MODEL_UNAVAILABLE"
    assert (await api.get("/livez")).status_code == 200
    assert (await api.get("/api/models", headers=signed_in())).status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_limits_are_for_what_one_host_has(address: str, network: str) -> None:
    assert network_of({"client": (address, 1)}) == network


async def test_one_caller_cannot_have_all_places(tmp_path: Path) -> None:
    """Bodies that never end hold places; another account still gets one."""

    async def never_ends() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)

    app = create_app(settings(NO_REDIS, tmp_path, max_concurrent_requests=4))
    async with running(app) as api:
        greedy, other = signed_in(identifier="a" * 32), signed_in(identifier="c" * 32)
        slow = [asyncio.ensure_future(api.post("/api/chatbot", content=never_ends(), headers=greedy)) for _ in range(3)]
        await asyncio.sleep(0.3)
        refused = await api.get("/api/me", headers=greedy)
        assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
        assert refused.headers["Retry-After"] == "1"
        assert (await api.get("/api/me", headers=other)).status_code == 200
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await asyncio.sleep(0.1)
        assert (await api.get("/api/me", headers=greedy)).status_code == 200


async def test_the_role_itself_and_those_above_are_let_in(api: httpx.AsyncClient, protected: list[Operation]) -> None:
    for operation in protected:
        for role in ROLES[ROLES.index(operation.role or "viewer") :]:
            answer = await operation.ask(api, signed_in(role))
            assert answer.status_code not in (401, 403, 405, 500), (operation, role, answer.text)


async def test_other_methods_of_a_path_are_no_way_in(api: httpx.AsyncClient, protected: list[Operation]) -> None:
    for path in {operation.url for operation in protected}:
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND"):
            assert (await api.request(method, path)).status_code == 401, (method, path)


async def test_a_path_that_is_not_there_is_401_as_well(api: httpx.AsyncClient) -> None:
    for path in ("/", "/nowhere", "/api", "/api/health/", "/livez/x", "/v1", "/v3", "/docs/x", "/static-offline-docs"):
        assert (await api.get(path)).status_code == 401, path
    assert (await api.get("/nowhere", headers=signed_in())).status_code == 404


@pytest.mark.parametrize("host", ["example.com/health?x=", "localhost", "livez", "test/livez#", "[::1", "a@b:c"])
async def test_a_hostile_host_opens_nothing(api: httpx.AsyncClient, protected: list[Operation], host: str) -> None:
    for operation in protected:
        assert (await operation.ask(api, {"Host": host})).status_code == 401, operation
        if operation.role != "viewer":
            answer = await operation.ask(api, {"Host": host, **signed_in("viewer")})
            assert answer.status_code == 403, operation


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
        {"X-User": "admin", "X-Role": "admin", "X-Remote-User": "admin", "Remote-User": "admin"},
        {"X-Service-Token": "0" * 64},
        {"X-Original-URL": "/livez", "X-Rewrite-URL": "/livez", "X-Forwarded-Prefix": "/livez"},
        {"X-HTTP-Method-Override": "GET", "X-Forwarded-Host": "example.com/health?x="},
        {"Cookie": "session=admin; access_token=x", "Proxy-Authorization": "Bearer x"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_no_other_header_is_a_credential(
    api: httpx.AsyncClient, protected: list[Operation], headers: dict[str, str]
) -> None:
    for operation in protected:
        assert (await operation.ask(api, headers)).status_code == 401, operation
        if operation.role != "viewer":
            assert (await operation.ask(api, {**headers, **signed_in("viewer")})).status_code == 403, operation


TRICKS = [
    "//api/users",
    "///api/users",
    "/api//users",
    "/api/users/",
    "/api/%75sers",
    "/%61pi/users",
    "/api%2fusers",
    "/API/users",
    "/api/Users",
    "/api/users;",
    "/api/users;/livez",
    "/api/users%00",
    "/api/users%0a",
    "/api/users%20",
    "/api/users?/livez",
    "/api/users#/livez",
    "/api/users/livez",
    "/./api/users",
    "/livez/../api/users",
    "/livez/..%2fapi/users",
    "/livez;/../api/users",
    "/livez%00/../api/users",
    "/docs/../api/users",
    "/static-offline-docs/../api/users",
    "/static-offline-docs/%2e%2e/api/users",
    "/static-offline-docs/..%2f..%2fapi/users",
    "/static-offline-docs/../../../../../../etc/passwd",
    "/static-offline-docs//etc/passwd",
    "/api/token/../users",
    "/api/token/refresh/../../users",
    "\\api\\users",
    "http://test/api/users",
    "http://livez/api/users",
    "http://test/livez/../api/users",
    "*",
]


async def test_a_path_in_disguise_opens_nothing(app: FastAPI) -> None:
    """Through a real server, which takes what no client would send: no answer but a refusal."""
    viewer = f"Authorization: {signed_in('viewer')['Authorization']}"
    async with serving(app) as port:
        assert (await raw_request(port, "/livez"))[0] == 200
        assert (await raw_request(port, "/api/me", [viewer]))[0] == 200
        for target in TRICKS:
            assert (await raw_request(port, target))[0] in (400, 401, 404), target
            assert (await raw_request(port, target, [viewer]))[0] in (307, 400, 403, 404), target
