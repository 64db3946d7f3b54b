"""A gateway inside the test with a real Redis, and people who sign in to it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx

from gateway.app import create_app
from gateway.settings import SERVICES, GatewaySettings
from tests.support.apps import running
from tests.support.people import SECRET_KEY

ADMIN_PASSWORD = "the first administrator's"
PASSWORD = "a clinician's long password"
NO_REDIS = "redis://127.0.0.1:1"


def settings(redis_url: str, folder: Path, **others: Any) -> GatewaySettings:
    """Of a gateway that has no service, and an administrator."""
    values: dict[str, Any] = {
        "redis_url": redis_url,
        "secret_key": SECRET_KEY,
        "admin_password": ADMIN_PASSWORD,
        "service_addresses": {name: [] for name in SERVICES},
        "audit_log_path": folder / "audit",
        "feedback_path": folder / "feedback",
        **others,
    }
    return GatewaySettings(**values)


def gateway(
    redis_url: str, folder: Path, *, client_host: str = "127.0.0.1", **others: Any
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """A running one; its client shows no credential."""
    return running(create_app(settings(redis_url, folder, **others)), client_host=client_host)


async def token(api: httpx.AsyncClient, username: str = "admin", password: str = ADMIN_PASSWORD) -> httpx.Response:
    """The answer to a sign-in."""
    return await api.post("/api/token", data={"username": username, "password": password})


async def pair(api: httpx.AsyncClient, username: str = "admin", password: str = ADMIN_PASSWORD) -> dict[str, Any]:
    """The tokens of a sign-in, which must succeed."""
    answer = await token(api, username, password)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def headers(api: httpx.AsyncClient, username: str = "admin", password: str = ADMIN_PASSWORD) -> dict[str, str]:
    """The headers of somebody who has signed in."""
    return bearer((await pair(api, username, password))["access_token"])


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


async def refresh(api: httpx.AsyncClient, credential: str) -> httpx.Response:
    return await api.post("/api/token/refresh", data={"refresh_token": credential})


async def status(api: httpx.AsyncClient, shown: dict[str, str], path: str = "/api/me") -> int:
    """What ``path`` answers to ``shown``."""
    return (await api.get(path, headers=shown)).status_code


async def add_user(
    api: httpx.AsyncClient, admin: dict[str, str], username: str, role: str = "clinician", **others: Any
) -> dict[str, Any]:
    """A new account, with PASSWORD unless ``others`` say how."""
    body = {"username": username, "role": role, **(others or {"password": PASSWORD})}
    answer = await api.post("/api/users", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    user: dict[str, Any] = answer.json()
    return user


async def add_key(api: httpx.AsyncClient, admin: dict[str, str], **wanted: Any) -> dict[str, Any]:
    """A new API key, with the key itself in it."""
    answer = await api.post("/api/keys", json={"name": "a machine", **wanted}, headers=admin)
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key
