"""A real storage of its own for each test, a proxy before it, and a run that shows no credential."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from azure.storage.blob import ContainerClient
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from cli.storage import azure
from shared.bundle import write_manifest
from tests.support.azurite import ACCOUNT, KEY, azurite, connection_string
from tests.support.pictures import png
from tests.support.proxy import Proxy
from tests.support.toy import RED, toy_manifest

CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"
_numbers = itertools.count()


class Run(Protocol):
    """One command; its output holds no credential."""

    def __call__(self, *words: str, code: int = 0) -> str: ...


@dataclass
class Storage:
    """A container of a test's own. ``proxy`` is what the command line goes through."""

    container: ContainerClient
    proxy: Proxy
    name: str

    def put(self, name: str, data: bytes, **more: object) -> None:
        """As somebody would with another tool."""
        self.container.upload_blob(name, data, overwrite=True, **more)

    def names(self) -> set[str]:
        return set(self.container.list_blob_names())


@pytest.fixture(scope="session")
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Azurite's."""
    with azurite(request.config.cache.mkdir("azurite")) as port:  # type: ignore[union-attr]
        yield port


@pytest.fixture
def storage(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    name = f"models-{next(_numbers)}"
    proxy = Proxy(port)
    monkeypatch.setenv(CONNECTION, connection_string(proxy.port))
    monkeypatch.setenv("AZURE_STORAGE_CONTAINER", name)
    with ContainerClient.from_connection_string(connection_string(port), name) as container:
        container.create_container()
        yield Storage(container, proxy, name)
    proxy.close()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without waiting, and requests that are small beside the tests' files."""
    for option, value in {"initial_backoff": 0, "increment_base": 0, "random_jitter_range": 0}.items():
        monkeypatch.setitem(azure.OPTIONS, option, value)
    for option in ("max_single_get_size", "max_chunk_get_size", "max_block_size", "max_single_put_size"):
        monkeypatch.setitem(azure.OPTIONS, option, 1 << 18)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model path: the cache."""
    folder = tmp_path / "models"
    monkeypatch.setenv("MODEL_PATH", str(folder))
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Where bundles are made, on another machine as it were."""
    return tmp_path / "elsewhere"


@pytest.fixture
def run() -> Run:
    def run(*words: str, code: int = 0) -> str:
        result: Result = CliRunner().invoke(app, ["models", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        said = " ".join(result.output.split())
        check_secret(said)
        assert result.exit_code == code, said
        return said

    return run


def check_secret(said: str) -> None:
    """No key and no signature is in it, nor a traceback."""
    for secret in (KEY, KEY[:20], os.environ.get(CONNECTION, KEY), f"AccountName={ACCOUNT}", "sig=", "SharedKey"):
        assert secret not in said
    assert "Traceback" not in said


def write_bundle(
    models: Path, service: str = "xray", version: str = "1.0.0", *, weights: bytes | None = None, size: int = 2000
) -> Path:
    """A bundle whose weights are noise, ``size`` bytes of it."""
    root = models / service / version
    root.mkdir(parents=True)
    files = {"model.tflite": weights or secrets.token_bytes(size), "golden.png": png(RED)}
    for name, data in files.items():
        (root / name).write_bytes(data)
    write_manifest(root, toy_manifest(files, model=service, version=version))
    return root


def tree(folder: Path) -> dict[str, bytes]:
    """What a folder holds, but for what a pull keeps for itself."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".storage" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def parts(models: Path) -> list[Path]:
    """What is kept of downloads that were cut."""
    return list((models / ".storage" / "parts").iterdir())
