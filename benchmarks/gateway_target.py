"""Where load is sent, and how a gateway lets it in."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from benchmarks.noop import SERVICE
from benchmarks.system import wait


@dataclass(frozen=True)
class Target:
    """Where load can be sent, and the process whose work is counted."""

    name: str
    port: int
    path: str
    pid: int
    token: str | None = None


def ready_target(name: str, port: int, pid: int, password: str) -> Target:
    """Signs in and waits until a prediction comes back."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        token = _sign_in(client, password)
        client.headers.update({"Authorization": f"Bearer {token}"} if token else {})
        path = f"/api/predict/{SERVICE}"
        wait(lambda: client.post(path, files={"file": ("a.jpg", b"\xff\xd8\xff\xd9")}).status_code == 200)
    return Target(name, port, path, pid, token)


def _sign_in(client: httpx.Client, password: str) -> str | None:
    """An API key; None from a gateway that knows no sign-in."""
    answer = client.post("/api/token", data={"username": "admin", "password": password})
    if answer.status_code == 404:
        return None
    bearer = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
    answer = client.post("/api/keys", json={"name": "bench", "role": "clinician"}, headers=bearer)
    return str(answer.raise_for_status().json()["key"])
