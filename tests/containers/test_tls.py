"""The TLS overlay: what it speaks, what it says, what it keeps back."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from tests.containers.conftest import Compose, project

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def tls(engine: None) -> Iterator[Compose]:
    """Gateway, page and nginx, without a service."""
    with project(3, "docker-compose.yml", "deploy/compose.tls.yml") as compose:
        compose("build", "gateway", "frontend", "secrets", timeout_s=1800)
        compose("up", "-d", "--wait", "--wait-timeout", "120", "tls", "frontend", "gateway", "redis")
        yield compose


@pytest.fixture(scope="module")
def client(tls: Compose) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cadata=tls("exec", "-T", "tls", "cat", "/certificates/tls.crt"))
    url = f"https://localhost:{tls.environment['TLS_PORT']}"
    with httpx.Client(base_url=url, verify=context, timeout=30) as client:
        yield client


def shake_hands(tls: Compose, version: ssl.TLSVersion) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", int(tls.environment["TLS_PORT"])), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wrapped,
    ):
        return wrapped.selected_alpn_protocol()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_what_it_speaks(tls: Compose, version: ssl.TLSVersion) -> None:
    assert shake_hands(tls, version) == "h2"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_what_it_does_not(tls: Compose, version: str) -> None:
    with pytest.raises(ssl.SSLError):
        shake_hands(tls, getattr(ssl.TLSVersion, version))


def test_headers(client: httpx.Client) -> None:
    answer = client.get("/livez")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "nginx/" not in answer.headers.get("Server", "")


def test_plain_http_is_sent_to_https(tls: Compose) -> None:
    answer = httpx.get(f"http://localhost:{tls.environment['HTTP_PORT']}/docs?a=b")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://localhost/docs?a=b"


def test_the_page_and_the_gateway_share_an_address(tls: Compose, client: httpx.Client) -> None:
    answer = client.get("/")
    assert "text/html" in answer.headers["Content-Type"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer.headers["Strict-Transport-Security"]
    assert client.get("/api/health").json()["version"]
    tls("stop", "frontend")
    assert client.get("/api/health").status_code == 200
    tls("up", "-d", "--wait", "frontend")


def test_metrics_stay_inside(client: httpx.Client) -> None:
    assert client.get("/metrics").status_code == 403
    for other in ("//metrics", "/./metrics", "/metrics/", "/%6detrics"):
        assert client.get(f"{client.base_url}".rstrip("/") + other).status_code in (401, 403, 404), other


def test_who_asks_is_not_what_the_caller_claims(tls: Compose, client: httpx.Client) -> None:
    answer = client.post(
        "/api/token", data={"username": "nobody", "password": "x"}, headers={"X-Forwarded-For": "203.0.113.9"}
    )
    assert answer.status_code == 401
    lines = tls("exec", "-T", "gateway", "sh", "-c", "cat /logs/audit/*.jsonl").splitlines()
    events = [json.loads(line)["event"] for line in lines]
    callers = {event["client"] for event in events if event["action"] == "sign_in"}
    assert callers
    assert "203.0.113.9" not in callers


def test_too_large_is_refused(tls: Compose, client: httpx.Client) -> None:
    password = tls.admin_password()
    token = client.post("/api/token", data={"username": "admin", "password": password}).json()["access_token"]
    statuses = {
        megabytes: client.post(
            "/api/predict/tumor",
            files={"file": ("a.png", b"\x89PNG" + bytes(megabytes << 20), "image/png")},
            headers={"Authorization": f"Bearer {token}"},
        ).status_code
        for megabytes in (9, 11, 13)
    }
    assert statuses[9] == 400, "the gateway itself has seen that it is none"
    assert (statuses[11], statuses[13]) == (413, 413)


def test_the_gateway_itself_is_not_published(tls: Compose) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{tls.environment['API_PORT']}/livez")
