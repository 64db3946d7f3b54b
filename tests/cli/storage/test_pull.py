"""``doctorai models pull``: what is missing, and no more; whole, or not at all."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import pytest

from cli.plan import ROOT
from cli.storage import bring
from tests.cli.storage.conftest import Run, Storage, parts, tree, write_bundle

BIG = 3_000_000


def test_all_is_fetched_and_then_nothing(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    write_bundle(elsewhere, "tumor", "1.10.0")
    run("push", "xray/1.0.0", "tumor/1.10.0", "--models", str(elsewhere))
    said = run("pull")
    assert "xray/1.0.0 was fetched from 127.0.0.1" in said
    assert "2 fetched, 0 as they were, 0 not fetched" in said
    assert tree(models) == tree(elsewhere)
    assert parts(models) == []

    storage.proxy.forget()
    assert "0 fetched, 2 as they were, 0 not fetched" in run("pull")
    assert storage.proxy.blobs_read() == []
    assert len(storage.proxy.requests) == 1, "the list alone"

    write_bundle(elsewhere, "xray", "1.1.0")
    run("push", str(elsewhere / "xray" / "1.1.0"))
    storage.proxy.forget()
    assert "1 fetched, 2 as they were" in run("pull")
    assert {name.split("/")[1] for name in storage.proxy.blobs_read()} == {"1.1.0"}


def test_the_services_that_are_named(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    for service in ("xray", "tumor", "palm"):
        write_bundle(elsewhere, service)
        run("push", f"{service}/1.0.0", "--models", str(elsewhere))
    run("pull", "tumor", "palm_disease")
    assert {path.name for path in models.iterdir()} == {".storage", "tumor", "palm"}
    assert "no service 'brain'; there are:" in run("pull", "brain", code=1)


def test_a_cut_download_goes_on(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere, size=BIG)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    storage.proxy.forget()
    storage.proxy.limit = 2_000_000
    assert "cannot be reached" in run("pull", code=1)
    assert tree(models) == {}
    kept = sum(path.stat().st_size for path in parts(models))
    assert kept > 1_000_000

    storage.proxy.forget()
    assert "1 fetched" in run("pull")
    assert tree(models) == tree(elsewhere)
    assert storage.proxy.received < BIG - kept + 100_000
    assert parts(models) == []


def test_a_short_break_costs_no_more_than_a_request(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """The connection breaks off once, in the middle of the file: the pull itself goes on."""
    write_bundle(elsewhere, size=BIG)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    storage.proxy.forget()
    storage.proxy.break_at = 1_500_000
    assert "1 fetched" in run("pull")
    assert tree(models) == tree(elsewhere)
    assert storage.proxy.received < BIG + 500_000
    assert storage.proxy.break_at is None, "it did break"


def test_what_changed_after_a_cut_begins_anew(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    root = write_bundle(elsewhere, size=BIG)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    storage.proxy.limit = storage.proxy.received + 2_000_000
    run("pull", code=1)
    shutil.rmtree(root)
    write_bundle(elsewhere, size=BIG)
    storage.proxy.forget()
    run("push", "xray/1.0.0", "--replace", "--models", str(elsewhere))
    storage.proxy.forget()
    run("pull")
    assert tree(models) == tree(elsewhere)
    assert storage.proxy.received > BIG
    assert parts(models) == [], "what was kept of the former one, too"


def test_what_changes_while_it_is_fetched(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """Two states never mix: the new one is fetched from its beginning, within the same pull."""
    write_bundle(elsewhere, size=BIG)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    new = write_bundle(elsewhere / "new", size=BIG)
    asked = []

    def change(line: str) -> None:
        if "model.tflite" in line and line.startswith("GET"):
            asked.append(line)
            if len(asked) == 4:
                for path in sorted(new.iterdir(), key=lambda path: path.name == "manifest.json"):
                    storage.put(f"xray/1.0.0/{path.name}", path.read_bytes())

    storage.proxy.on_request = change
    assert "1 fetched, 0 as they were, 0 not fetched" in run("pull")
    assert tree(models) == tree(elsewhere / "new")


def test_a_version_whose_manifest_changed_takes_no_more_than_that(
    storage: Storage, models: Path, elsewhere: Path, run: Run
) -> None:
    """As after `make evaluate`: the weights are the same."""
    root = write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    run("pull")
    manifest = root / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"created": "2026', '"created": "2027'))
    assert "with another content; take another version, or --replace" in run(
        "push", "xray/1.0.0", "--models", str(elsewhere), code=1
    )
    run("push", "xray/1.0.0", "--replace", "--models", str(elsewhere))
    storage.proxy.forget()
    run("pull")
    assert tree(models) == tree(elsewhere)
    assert storage.proxy.blobs_read() == ["xray/1.0.0/manifest.json"]


def test_a_tampered_blob_costs_its_version_alone(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    write_bundle(elsewhere, "tumor")
    run("push", "xray/1.0.0", "tumor/1.0.0", "--models", str(elsewhere))
    storage.put("xray/1.0.0/model.tflite", secrets.token_bytes(2000))
    said = run("pull", code=1)
    assert "✗ xray/1.0.0 is not fetched: xray/1.0.0/model.tflite does not match its checksum" in said
    assert "1 fetched, 0 as they were, 1 not fetched" in said
    assert tree(models).keys() == {f"tumor/1.0.0/{name}" for name in ("manifest.json", "model.tflite", "golden.png")}

    run("push", "xray/1.0.0", "--replace", "--models", str(elsewhere))
    run("pull")
    assert tree(models) == tree(elsewhere)


def test_a_tampered_one_leaves_what_serves(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    root = write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    run("pull")
    before = tree(models)
    storage.put("xray/1.0.0/manifest.json", (root / "manifest.json").read_bytes().replace(b"2026", b"2027"))
    storage.put("xray/1.0.0/golden.png", bytes((root / "golden.png").stat().st_size))
    (models / "xray" / "1.0.0" / "golden.png").unlink()
    assert "golden.png does not match its checksum" in run("pull", code=1)
    assert tree(models) == {name: data for name, data in before.items() if not name.endswith("golden.png")}


def test_a_damaged_file_is_mended(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    run("pull")
    (models / "xray" / "1.0.0" / "model.tflite").write_bytes(b"cut short")
    storage.proxy.forget()
    run("pull")
    assert tree(models) == tree(elsewhere)
    assert storage.proxy.blobs_read() == ["xray/1.0.0/model.tflite"]


def test_an_operators_own_version_stays(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    write_bundle(models)
    before = tree(models)
    said = run("pull", code=1)
    assert "xray/1.0.0 is there, differs, and was not fetched from here; remove it, or:" in said
    assert tree(models) == before
    run("pull", "--replace")
    assert tree(models) == tree(elsewhere)


def test_one_that_is_the_same_is_taken_for_fetched(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    shutil.copytree(elsewhere, models)
    storage.proxy.forget()
    assert "0 fetched, 1 as they were" in run("pull")
    assert storage.proxy.blobs_read() == ["xray/1.0.0/manifest.json"]


def test_the_copy_of_what_ships_gives_way(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    """A first start without the storage has put it there."""
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    shutil.copytree(ROOT / "models" / "xray", models / "xray")
    run("pull")
    assert tree(models) == tree(elsewhere)


def test_what_is_gone_from_the_storage_stays(storage: Storage, models: Path, elsewhere: Path, run: Run) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    run("pull")
    for name in storage.names():
        storage.container.delete_blob(name)
    assert "0 fetched, 0 as they were, 0 not fetched" in run("pull")
    assert tree(models) == tree(elsewhere)


def test_no_room(storage: Storage, models: Path, elsewhere: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(elsewhere)
    run("push", "xray/1.0.0", "--models", str(elsewhere))
    monkeypatch.setattr(bring, "_RESERVE", 1 << 60)
    assert "xray/1.0.0 is not fetched: 0.00 GB are needed, 0.00 GB are free" in run("pull", code=1)
    assert tree(models) == {}
