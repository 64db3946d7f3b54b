"""The page's container: closed, cached as it should be, asking nobody but the gateway, which it reaches for all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.containers.conftest import SERVICES, Compose, docker, picture

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def page(compose: Compose) -> Iterator[httpx.Client]:
    compose("up", "-d", "--no-recreate", "--wait", "frontend")
    with httpx.Client(base_url=f"http://127.0.0.1:{compose.environment['FRONTEND_PORT']}", timeout=60) as page:
        yield page


@pytest.fixture(scope="module")
def signed_in(page: httpx.Client, compose: Compose) -> dict[str, str]:
    """Through the page's own address."""
    password = compose.admin_password()
    answer = page.post("/api/token", data={"username": "admin", "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_it_is_closed(page: httpx.Client, compose: Compose) -> None:
    (found,) = docker("inspect", *compose.ids("frontend"))
    assert found["Config"]["User"] == "101:101"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert {port for port, places in found["NetworkSettings"]["Ports"].items() if places} == {"8080/tcp"}


def test_a_page_asks_no_other_origin(page: httpx.Client) -> None:
    answer = page.get("/")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_never_changes_is_kept(page: httpx.Client) -> None:
    script = re.search(r'src="(/assets/[^"]+\.js)"', page.get("/").text)
    assert script
    answer = page.get(script[1])
    assert "immutable" in answer.headers["Cache-Control"]
    assert "javascript" in answer.headers["Content-Type"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert page.get("/assets/none.js").status_code == 404


def test_every_view_has_an_address(page: httpx.Client) -> None:
    assert page.get("/chat").text == page.get("/").text


def test_a_picture_goes_through(page: httpx.Client, signed_in: dict[str, str]) -> None:
    answer = page.post(
        "/api/predict/tumor?explain=true", files={"file": ("a.png", picture(), "image/png")}, headers=signed_in
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["explanation"]


def test_an_answer_comes_as_events(page: httpx.Client, signed_in: dict[str, str]) -> None:
    headers = signed_in | {"Accept": "text/event-stream"}
    with page.stream("POST", "/api/chatbot", json={"message": "What is anaemia?"}, headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "event: answer" in "".join(answer.iter_text())


def test_the_documentation_is_there_and_metrics_are_not(page: httpx.Client) -> None:
    assert page.get("/docs").status_code == 200
    assert page.get("/metrics").status_code == 403


def test_without_the_gateway_the_page_is_there(page: httpx.Client, compose: Compose) -> None:
    compose("stop", "gateway")
    try:
        assert page.get("/").status_code == 200
        assert page.get("/api/health").status_code in (502, 504)
    finally:
        compose("up", "-d", "--no-recreate", "--wait", "gateway", *SERVICES)
