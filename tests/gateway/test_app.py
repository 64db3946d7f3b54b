"""The public API without any service: who may call, what it documents, how it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.settings import SERVICES, GatewaySettings
from tests.support.apps import running
from tests.support.pictures import jpeg

SETTINGS = GatewaySettings(
    redis_url="redis://127.0.0.1:1",
    service_addresses={name: [] for name in SERVICES},
)


@pytest_asyncio.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(SETTINGS)) as client:
        yield client


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


@pytest.mark.parametrize("host", ["10.0.0.5", "192.168.1.7", "2001:db8::1", "localhost.example"])
async def test_only_this_machine_is_answered(host: str) -> None:
    """Every documented route: one that forgets to ask who calls fails here."""
    app, asked = create_app(SETTINGS), []
    async with running(app, client_host=host) as api:
        for path, methods in app.openapi()["paths"].items():
            for method in methods:
                response = await api.request(method, path.replace("{model}", "tumor"))
                if path in ("/api/health", "/livez", "/readyz"):
                    assert response.status_code == 200
                else:
                    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHORIZED"), path
                    asked.append(path)
    assert {"/api/predict/{model}", "/api/models", "/api/tumor"} <= set(asked)


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
    assert {"400", "404", "413", "415", "422", "503", "504"} <= operation["responses"].keys()


async def test_cors_is_for_the_configured_page_only(api: httpx.AsyncClient) -> None:
    for origin, allowed in (("http://localhost:5173", True), ("http://evil.example", False)):
        response = await api.get("/api/health", headers={"Origin": origin})
        assert ("access-control-allow-origin" in response.headers) is allowed


async def test_request_ids_are_kept_or_made(api: httpx.AsyncClient) -> None:
    kept = await api.get("/livez", headers={"X-Request-ID": "from-the-caller-1"})
    assert kept.headers["x-request-id"] == "from-the-caller-1"
    made = await api.get("/livez", headers={"X-Request-ID": "bad id\twith spaces"})
    assert len(made.headers["x-request-id"]) == 32
