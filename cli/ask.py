"""Calls the gateway for the command line; a failure is one clear line and exit code 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import typer
from rich.console import Console

_TIMEOUT_S = 60.0
_errors = Console(stderr=True)


def get(url: str, path: str) -> dict[str, Any]:
    """The JSON at ``path``."""
    return _call("GET", url, path)


def predict(url: str, file: Path, model: str) -> dict[str, Any]:
    """The prediction of ``model`` for ``file``."""
    return _call("POST", url, f"/api/predict/{model}", files={"file": (file.name, file.read_bytes())})


def chat(url: str, message: str, session_id: str | None) -> dict[str, Any]:
    """The chatbot's answer to ``message``."""
    body = {"message": message} | ({"session_id": session_id} if session_id else {})
    return _call("POST", url, "/api/chatbot", json=body)


def _call(method: str, url: str, path: str, **options: Any) -> dict[str, Any]:
    try:
        response = httpx.request(method, url.rstrip("/") + path, timeout=_TIMEOUT_S, **options)
        body: dict[str, Any] = response.json()
    except httpx.HTTPError as error:
        _fail(f"{url} does not answer ({error}). Is the system up? `doctorai up` starts it.")
    except ValueError:
        _fail(f"{url} answers, but not as a DoctorAI gateway.")
    if response.is_error:
        _fail(f"{body.get('code', response.status_code)}: {body.get('detail', response.reason_phrase)}")
    return body


def _fail(message: str) -> Any:
    _errors.print(f"[bold red]✗[/] {message}", highlight=False)
    raise typer.Exit(1)
