"""Nobody's real sign-in, a gateway to ask, and a run that shows no secret."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from tests.cli.fake_gateway import API_KEY, PASSWORD, FakeGateway

_SECRET = re.compile(rf"{PASSWORD}|{API_KEY}|access-\d|refresh-\d|\bnew-password-1")


class Run(Protocol):
    """``shown``: this one secret may be in the output."""

    def __call__(self, *words: str, given: str | bytes | None = None, shown: str = "") -> Result: ...


class Stored:
    """The credentials file."""

    def __init__(self, path: Path, url: str) -> None:
        self.path, self._url = path, url

    def write(self, number: int, *, lasts_s: float = 900) -> None:
        """A sign-in with the pair of tokens of that number."""
        tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
        entry = {"username": "admin", **tokens, "expires": time.time() + lasts_s}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({self._url: entry, "http://other": entry}))

    def refresh_token(self) -> str | None:
        found = json.loads(self.path.read_text()).get(self._url)
        return str(found["refresh_token"]) if found else None


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's sign-ins are kept."""
    for name in ("DOCTORAI_API_KEY", "DOCTORAI_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "doctorai"


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
    found = FakeGateway()
    monkeypatch.setenv("DOCTORAI_URL", found.url)
    yield found
    found.close()


@pytest.fixture
def stored(config: Path, gateway: FakeGateway) -> Stored:
    return Stored(config / "credentials.json", gateway.url)


@pytest.fixture
def signed_in(gateway: FakeGateway, stored: Stored) -> None:
    gateway.number = 1
    stored.write(1)


@pytest.fixture
def run() -> Run:
    """Runs a command: no traceback, no secret that was not asked for."""

    def run(*words: str, given: str | bytes | None = None, shown: str = "") -> Result:
        result = CliRunner().invoke(app, list(words), input=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        assert {match[0] for match in _SECRET.finditer(result.output)} <= {shown}, result.output
        return result

    return run
