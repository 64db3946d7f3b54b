"""A service answers the gateway alone."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from shared.http.credential import HEADER, ServiceCredential

TOKEN = "the-token-of-the-gateway-0123456789"


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/{path:path}")
    async def anything(path: str) -> dict[str, str]:
        return {"path": path}

    app.add_middleware(ServiceCredential, token=TOKEN)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize(
    "path", ["/predict", "/card", "/v2/models/tumor", "/docs", "/health/live/../../card", "/health"]
)
async def test_nobody_else_is_answered(client: httpx.AsyncClient, path: str) -> None:
    wrong: list[dict[str, str] | list[tuple[str, str]]] = [
        {},
        {HEADER: ""},
        {HEADER: TOKEN[:-1]},
        {HEADER: TOKEN + " x"},
        {"Authorization": f"Bearer {TOKEN}"},
        [(HEADER, TOKEN), (HEADER, TOKEN)],
    ]
    for headers in wrong:
        response = await client.get(path, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "UNAUTHORIZED")
    assert (await client.get(path, headers={HEADER: TOKEN})).status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/v2/health/live", "/v2/health/ready"])
async def test_orchestrators_need_no_token(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200
