"""``doctorai models push``: a bundle, its manifest last; what another machine pulls is the same, and is served."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.plan import ROOT
from cli.storage.azure import AzureStore
from services.palm.definition import SERVICE
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.cli.storage.conftest import Run, Storage, tree, write_bundle
from tests.support.apps import running, until_ready
from tests.support.azurite import connection_string
from tests.support.bundles import edit_manifest
from tests.support.processes import eventually


async def test_another_machine_serves_it(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """The palm model that ships, by the folder of its bundle: its service is told by its manifest.

    A running service takes what a later pull brings.
    """
    shipped = ROOT / "models" / "palm" / "1.0.0"
    assert "palm/1.0.0 is in 127.0.0.1" in run("push", str(shipped))
    run("pull")
    assert tree(models / "palm") == tree(shipped.parent)
    settings = ServiceSettings(model_path=models, doctorai_mode="local", redis_url="redis://127.0.0.1:1")
    async with running(create_app(SERVICE, settings)) as client:
        await until_ready(client)
        assert (await client.get("/health/ready")).json()["version"] == "1.0.0"
        higher = shutil.copytree(shipped, elsewhere / "palm" / "1.1.0")
        edit_manifest(higher, lambda manifest: manifest.update(version="1.1.0"))
        run("push", "palm/1.1.0", "--models", str(elsewhere))
        run("pull")

        async def rolled() -> bool:
            return bool((await client.get("/health/ready")).json()["version"] == "1.1.0")

        await eventually(rolled, 20)


def test_the_manifest_is_the_last(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere, size=600_000)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    puts = [line.split("?")[0].rsplit("/", 1)[1] for line in storage.proxy.requests if line.startswith("PUT ")]
    assert puts[-1] == "manifest.json"
    assert puts.count("manifest.json") == 1
    assert puts.count("model.tflite") > 2, "in blocks"


def test_cut_it_is_no_bundle_and_goes_on(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)

    def refuse(line: str) -> None:
        if line.startswith("PUT") and "manifest.json" in line:
            storage.proxy.limit = 0

    storage.proxy.on_request = refuse
    assert "cannot be reached" in run("push", "xray/1.0.0", "--models", str(elsewhere), code=1)
    assert storage.names() == {"xray/1.0.0/model.tflite", "xray/1.0.0/golden.png"}
    storage.proxy.on_request = lambda _: None
    storage.proxy.forget()
    assert "the last of an upload is missing" in run("pull", code=1)
    storage.proxy.forget()
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    puts = [line for line in storage.proxy.requests if line.startswith("PUT ")]
    assert len(puts) == 1, "what is there is not sent again"
    run("pull")
    assert tree(models) == tree(elsewhere)


def test_again_sends_nothing(storage: Storage, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    storage.proxy.forget()
    assert "xray/1.0.0 was already in" in run("push", "xray/1.0.0", "--models", str(elsewhere))
    assert not [line for line in storage.proxy.requests if line.startswith("PUT ")]


def test_two_that_push_one_version(storage: Storage, elsewhere: Path, run: Run) -> None:
    """Both saw none: the second does not write its manifest over the first's."""
    write_bundle(elsewhere)

    def first(line: str) -> None:
        if line.startswith("PUT") and "model.tflite" in line:
            storage.put("xray/1.0.0/manifest.json", b"{}")

    storage.proxy.on_request = first
    said = run("push", "xray/1.0.0", "--models", str(elsewhere), code=1)
    assert "xray/1.0.0/manifest.json is there already" in said
    assert storage.container.download_blob("xray/1.0.0/manifest.json").readall() == b"{}"


def test_what_is_no_whole_bundle_is_not_sent(storage: Storage, elsewhere: Path, run: Run) -> None:
    root = write_bundle(elsewhere)
    (root / "model.tflite").write_bytes(b"cut")
    assert "model.tflite does not match its checksum" in run("push", str(root), code=1)
    assert "manifest.json cannot be read" in run("push", "tumor/1.0.0", "--models", str(elsewhere), code=1)
    write_bundle(elsewhere, "brain")
    assert "no service 'brain'; there are:" in run("push", str(elsewhere / "brain" / "1.0.0"), code=1)
    assert storage.names() == set()


def test_the_container_is_made(storage: Storage, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    storage.container.delete_container()
    assert f"there is no container {storage.name} at 127.0.0.1" in run("pull", code=1)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    assert len(storage.names()) == 3


def test_what_people_see_of_a_storage_has_no_credential(port: int) -> None:
    store = AzureStore(connection_string(port), "models")
    assert store.where == f"127.0.0.1:{port}/devstoreaccount1/models"
    store.close()
