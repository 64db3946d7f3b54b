"""The plots of a card: passed on as they are, with a policy under which no script runs."""

from __future__ import annotations

import httpx
import pytest

from shared.http.svg import POLICY
from tests.gateway.faked import Faked
from tests.support.instances import instance
from tests.support.people import signed_in

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture
def drawn(fake: Faked) -> Faked:
    """Its X-ray model has one plot; a viewer asks."""
    fake.answers["/plots/confusion"] = httpx.Response(200, content=SVG)
    fake.api.headers.update(signed_in("viewer"))
    return fake


async def test_it_is_passed_on(drawn: Faked) -> None:
    answer = await drawn.api.get("/api/models/xray/plots/confusion")
    assert (answer.status_code, answer.content) == (200, SVG)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers.get_list("content-security-policy") == [POLICY]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_of_one_version_an_instance_is_asked_that_has_it(drawn: Faked) -> None:
    drawn.state.monitor.fleet.add(instance("xray-2", version="1.1.0"))
    for version, host in (("1.0.0", "xray-1"), ("1.1.0", "xray-2")):
        for _ in range(5):
            answer = await drawn.api.get(f"/api/models/xray/plots/confusion?version={version}")
            assert answer.status_code == 200
            assert drawn.asked.pop() == (host, "/plots/confusion")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("xray/plots/reliability", 404, "NOT_FOUND"),
        ("chatbot/plots/reliability?version=1.0.0", 404, "NOT_FOUND"),
        ("heart/plots/confusion", 404, "UNKNOWN_MODEL"),
        ("tumor/plots/confusion", 503, "MODEL_UNAVAILABLE"),
        ("xray/plots/Confusion", 422, "VALIDATION_ERROR"),
        ("xray/plots/..%2Fcard", 404, "NOT_FOUND"),
        ("xray/plots/confusion?version=latest", 422, "VALIDATION_ERROR"),
        ("xray/plots/confusion?version=1.0.0%26x", 422, "VALIDATION_ERROR"),
        ("xray/plots/confusion?version=1.0.%EF%BC%91", 422, "VALIDATION_ERROR"),
    ],
)
async def test_what_there_is_not(drawn: Faked, path: str, status: int, code: str) -> None:
    answer = await drawn.api.get(f"/api/models/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_it_says_which_plot_there_is_not(drawn: Faked) -> None:
    answer = await drawn.api.get("/api/models/xray/plots/reliability?version=1.0.0")
    assert answer.json()["detail"] == "xray has no plot 'reliability' in version 1.0.0."


async def test_not_without_a_sign_in(drawn: Faked) -> None:
    answer = await drawn.api.get("/api/models/xray/plots/confusion", headers={"Authorization": ""})
    assert answer.status_code == 401
