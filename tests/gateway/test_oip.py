"""The Open Inference Protocol at the gateway while no service is there; with them, see `tests/integration/test_oip`."""

from __future__ import annotations

import httpx
import pytest

from gateway.settings import SERVICES
from gateway.state import GatewayState
from tests.support.instances import instance

NOT_READY = (503, "MODEL_UNAVAILABLE", False)


def state_of(client: httpx.AsyncClient) -> GatewayState:
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    state: GatewayState = transport.app.state.gateway  # type: ignore[attr-defined]
    return state


def readiness(answer: httpx.Response) -> tuple[int, str | None, bool | None]:
    """All of it, so that a test that fails tells what came instead."""
    body = answer.json()
    return answer.status_code, body.get("code"), body.get("ready")


async def test_nothing_is_ready_and_the_reason_is_told(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v2/health/live")).json() == {"live": True}
    assert readiness(await api.get("/v2/health/ready")) == NOT_READY
    answer = await api.get("/v2/models/tumor/ready")
    assert readiness(answer) == NOT_READY
    assert answer.json()["error"] == "tumor is not ready: no instance has announced itself."
    assert answer.headers["retry-after"]
    assert readiness(await api.get("/v2/models/tumor/versions/1.0.0/ready")) == NOT_READY
    assert (await api.get("/v2/models/heart/ready")).json()["code"] == "UNKNOWN_MODEL"
    health = (await api.get("/api/health")).json()
    assert not any(health["models"].values())


async def test_the_index_lists_models_versions_and_states(api: httpx.AsyncClient) -> None:
    fleet = state_of(api).monitor.fleet
    for identifier, changes in (
        ("xray-1", {"version": "1.0.0"}),
        ("xray-2", {"version": "1.1.0"}),
        ("xray-3", {"version": "1.1.0"}),
        ("tumor-1", {"service": "tumor", "model": "tumor", "ready": False, "reason": "the model is loading"}),
    ):
        fleet.add(instance(identifier, **changes))
    rows = (await api.post("/v2/repository/index")).json()
    assert {row["name"] for row in rows} == set(SERVICES.values())
    assert [row["version"] for row in rows if row["state"] == "READY"] == ["1.0.0", "1.1.0"]
    assert {row["reason"] for row in rows if row["name"] == "tumor"} == {"the model is loading"}
    ready = (await api.post("/v2/repository/index", json={"ready": True})).json()
    assert {row["name"] for row in ready} == {"xray"}
    assert (await api.get("/v2/health/ready")).json() == {"ready": True}
    assert (await api.get("/v2/models/xray/versions/1.1.0/ready")).status_code == 200
    missing = await api.get("/v2/models/xray/versions/2.0.0/ready")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/v2/models/xray/config", "/v2/repository/models/xray/load", "/v2/logging"])
async def test_what_triton_has_beyond_the_protocol_is_not_here(api: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await api.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert answer.json()["error"]
