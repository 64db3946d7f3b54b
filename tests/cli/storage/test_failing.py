"""The storage that cannot be used: what is in the model path serves, the reason is told, and never a credential."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas

from tests.cli.storage.conftest import CONNECTION, Run, Storage, tree, write_bundle
from tests.support.azurite import ACCOUNT, KEY, connection_string
from tests.support.processes import free_port

OTHER_KEY = base64.b64encode(b"x" * 64).decode()


@pytest.fixture
def fetched(storage: Storage, models: Path, elsewhere: Path, run: Run) -> dict[str, bytes]:
    """What a pull brought while all was well."""
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    run("pull")
    return tree(models)


def test_not_reached(fetched: dict[str, bytes], models: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv(CONNECTION, connection_string(port))
    assert f"✗ 127.0.0.1:{port}/" in (said := run("pull", code=1))
    assert "cannot be reached: Connection refused" in said
    assert tree(models) == fetched


def test_a_start_goes_on_with_what_is_here(
    fetched: dict[str, bytes], models: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION, connection_string(free_port()))
    said = run("prepare")
    assert "cannot be reached: Connection refused" in said
    assert f"what is in {models} is served" in said
    assert "tumor: no model under the model path; the one that ships (1.0.0) was copied there" in said
    now = tree(models)
    assert {name: now[name] for name in fetched} == fetched


def test_a_start_fetches(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """Before what ships is copied to where nothing is."""
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    said = run("prepare")
    assert "xray/1.0.0 was fetched" in said
    assert "xray: no model" not in said
    assert tree(models / "xray") == tree(elsewhere / "xray")


def test_a_name_that_nobody_knows(storage: Storage, models: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONNECTION, connection_string(1, host="nobody.invalid"))
    assert "cannot be reached: " in run("pull", code=1)


def test_a_wrong_key(
    fetched: dict[str, bytes], storage: Storage, models: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (OTHER_KEY, "no-base64!"):
        monkeypatch.setenv(CONNECTION, connection_string(storage.proxy.port, key=key))
        said = run("pull", code=1)
        assert "refuses what AZURE_STORAGE_CONNECTION_STRING gives it" in said
        assert key not in said
        assert "what is in" in run("prepare")
    assert tree(models / "xray") == {name.removeprefix("xray/"): data for name, data in fetched.items()}


@pytest.mark.parametrize("value", ["secret", "AccountKey=secret", "a=secret;b"])
def test_what_is_no_connection_string(models: Path, run: Run, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(CONNECTION, value)
    for command in ("pull", "prepare"):
        said = run(command, code=1)
        assert "AZURE_STORAGE_CONNECTION_STRING" in said
        assert "secret" not in said


def test_none(models: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONNECTION, raising=False)
    assert "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_CONNECTION_STRING_FILE, is not set" in run("pull", code=1)


def test_a_container_that_cannot_be(models: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONTAINER", "../models")
    assert "AZURE_STORAGE_CONTAINER: 3 to 63 lower case letters, digits and single hyphens are wanted" in run(
        "pull", code=1
    )


def test_from_a_file(
    storage: Storage, models: Path, elsewhere: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "connection"
    file.write_text(connection_string(storage.proxy.port) + "\n")
    monkeypatch.delenv(CONNECTION)
    monkeypatch.setenv(f"{CONNECTION}_FILE", str(file))
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    run("pull")
    assert tree(models) == tree(elsewhere)


def signature(storage: Storage, permission: ContainerSasPermissions, minutes: int = 10) -> str:
    """A connection string with a shared access signature for the container alone."""
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    token = generate_container_sas(ACCOUNT, storage.name, KEY, permission=permission, expiry=ends)
    return f"BlobEndpoint=http://127.0.0.1:{storage.proxy.port}/{ACCOUNT};SharedAccessSignature={token}"


def test_a_signature_that_may_only_read(
    storage: Storage, models: Path, elsewhere: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    write_bundle(elsewhere, "tumor")
    monkeypatch.setenv(CONNECTION, signature(storage, ContainerSasPermissions(read=True, list=True)))
    run("pull")
    assert tree(models / "xray") == tree(elsewhere / "xray")
    assert "refuses what" in run("push", "tumor/1.0.0", "--models", str(elsewhere), code=1)
    monkeypatch.setenv(CONNECTION, signature(storage, ContainerSasPermissions(read=True, list=True), minutes=-1))
    assert "refuses what" in run("pull", code=1)


def test_a_model_path_that_cannot_be_written(
    storage: Storage, models: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.touch()
    assert f"{models} cannot be written: Not a directory" in run("pull", code=1)
