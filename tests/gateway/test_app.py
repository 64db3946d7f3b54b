"""The public API without any service and without Redis: what it documents, how it refuses."""

from __future__ import annotations

import httpx
import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.support.apps import running
from tests.support.people import signed_in
from tests.support.pictures import jpeg


async def test_without_anything_it_is_unhealthy_and_says_why(api: httpx.AsyncClient) -> None:
    health = (await api.get("/api/health")).json()
    assert health["status"] == "unhealthy"
    assert health["summary"] == "0/6 models available"
    assert set(health["models"]) == {"lung_colon", "monkeypox", "tumor", "xray", "palm_disease", "chatbot"}
    assert health["dependencies"]["redis"]["status"] == "down"
    assert health["services"]["xray"]["reason"] == "no instance has announced itself"
    assert {"cpu_percent", "memory_percent", "disk_percent", "load"} == health["system"].keys()
    assert (await api.get("/livez")).status_code == (await api.get("/readyz")).status_code == 200


@pytest.mark.parametrize("name", ["tumor", "xray", "monkeypox", "lung_colon", "palm_disease", "palm"])
async def test_a_model_without_an_instance_is_503(api: httpx.AsyncClient, name: str) -> None:
    response = await api.post(f"/api/predict/{name}", files={"file": ("a.jpg", jpeg())})
    assert (response.status_code, response.json()["code"]) == (503, "MODEL_UNAVAILABLE")
    assert response.headers["retry-after"]


async def test_models_lists_all_with_the_reason(api: httpx.AsyncClient) -> None:
    models = (await api.get("/api/models")).json()["models"]
    assert len(models) == 6
    assert all(not model["ready"] and model["reason"] for model in models)
    assert (await api.get("/api/models/heart")).json()["code"] == "UNKNOWN_MODEL"
    assert (await api.get("/api/models/palm")).json()["code"] == "MODEL_UNAVAILABLE"


async def test_nobody_signs_in_while_redis_is_away(api: httpx.AsyncClient) -> None:
    """A token stands by its signature; a password and an unknown key cannot be verified."""
    form = {"username": "admin", "password": "whatever it is"}
    for response in (
        await api.post("/api/token", data=form),
        await api.get("/api/users", headers=signed_in("admin")),
        await api.get("/api/me", headers={"Authorization": f"Bearer dai_{'0' * 32}_{'x' * 43}"}),
    ):
        assert (response.status_code, response.json()["code"]) == (503, "SIGN_IN_UNAVAILABLE")
        assert "Redis" in response.json()["detail"]
        assert response.headers["retry-after"]


async def test_the_documentation_needs_no_other_host(api: httpx.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    assert "http://" not in page.replace("http://test", "")
    assert "https://" not in page
    for asset in [part.split('"')[0] for part in page.split('src="')[1:]]:
        assert (await api.get(asset)).status_code == 200
    schema = (await api.get("/openapi.json")).json()
    operation = schema["paths"]["/api/predict/{model}"]["post"]
    assert "multipart/form-data" in operation["requestBody"]["content"]
    assert operation["responses"]["200"]["content"]["application/json"]["example"]["result"] == "glioma"
    assert {"400", "401", "403", "404", "413", "415", "422", "429", "503", "504"} <= operation["responses"].keys()


async def test_cors_is_for_the_configured_page_only(api: httpx.AsyncClient) -> None:
    for origin, allowed in (("http://localhost:5173", True), ("http://evil.example", False)):
        response = await api.get("/api/health", headers={"Origin": origin})
        assert ("access-control-allow-origin" in response.headers) is allowed
        refused = await api.get("/api/me", headers={"Origin": origin, "Authorization": ""})
        assert refused.status_code == 401
        assert ("access-control-allow-origin" in refused.headers) is allowed


async def test_a_preflight_needs_no_token(api: httpx.AsyncClient) -> None:
    asked = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
        "Authorization": "",
    }
    response = await api.options("/api/predict/tumor", headers=asked)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "http://localhost:5173"


async def test_request_ids_are_kept_or_made(api: httpx.AsyncClient) -> None:
    kept = await api.get("/livez", headers={"X-Request-ID": "from-the-caller-1"})
    assert kept.headers["x-request-id"] == "from-the-caller-1"
    made = await api.get("/livez", headers={"X-Request-ID": "bad id\twith spaces"})
    assert len(made.headers["x-request-id"]) == 32


async def test_every_answer_has_the_security_headers(api: httpx.AsyncClient) -> None:
    for path in ("/livez", "/api/health", "/api/me", "/nowhere", "/docs", "/openapi.json"):
        for headers in ({}, {"Authorization": ""}):
            response = await api.get(path, headers=headers)
            assert response.headers["x-content-type-options"] == "nosniff", path
            assert response.headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert (await api.get("/api/me")).headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in (await api.get("/livez")).headers
    assert "strict-transport-security" in (await api.get("https://test/livez")).headers


async def test_metrics_are_for_this_machine_only(alone: GatewaySettings) -> None:
    app = create_app(alone)
    async with running(app) as api:
        assert "http_requests_total" in (await api.get("/metrics")).text
        assert (await api.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 404
    async with running(create_app(alone), client_host="10.0.0.5") as api:
        assert (await api.get("/metrics")).status_code == 404
    token = "a-token-for-prometheus-0123456789"
    chosen = alone.model_copy(update={"metrics_token": GatewaySettings(metrics_token=token).metrics_token})
    async with running(create_app(chosen), client_host="10.0.0.5") as api:
        assert (await api.get("/metrics")).status_code == 404
        assert (await api.get("/metrics", headers={"Authorization": f"Bearer {token}"})).status_code == 200
