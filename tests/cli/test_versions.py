"""The commands choose what is served, and refuse what must not be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.versions import Canary, Serving, read_serving
from tests.support.toy import write_toy_bundle

runner = CliRunner()


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        write_toy_bundle(tmp_path, service="tumor", model="tumor", version=version)
    monkeypatch.setenv("MODEL_PATH", str(tmp_path))
    monkeypatch.setenv("DOCTORAI_URL", "http://127.0.0.1:1")  # nobody is there; see test_watch
    return tmp_path


def run(*words: str, code: int = 0) -> str:
    result = runner.invoke(app, ["models", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_activate_and_back(models: Path) -> None:
    run("activate", "tumor", "1.0.0")
    assert read_serving(models, "tumor") == Serving(active="1.0.0", previous="1.2.0")
    run("rollback", "tumor")
    assert read_serving(models, "tumor") == Serving(active="1.2.0", previous="1.0.0")
    run("activate", "tumor", "1.2.0")
    assert read_serving(models, "tumor") == Serving(active="1.2.0", previous="1.0.0")


def test_the_highest_is_pinned_too_and_a_broken_choice_is_written_anew(models: Path) -> None:
    run("activate", "tumor", "1.2.0")
    assert read_serving(models, "tumor") == Serving(active="1.2.0")
    (models / "tumor" / "serving.json").write_text("{")
    run("activate", "tumor", "1.2.0")
    assert read_serving(models, "tumor") == Serving(active="1.2.0")


def test_canary_and_shadow_come_and_go(models: Path) -> None:
    run("canary", "tumor", "1.0.0", "--share", "0.2")
    run("shadow", "tumor", "1.1.0")
    wanted = Serving(active="1.2.0", canary=Canary(version="1.0.0", share=0.2), shadow="1.1.0")
    assert read_serving(models, "tumor") == wanted
    assert "canary" in run("versions", "tumor")
    run("activate", "tumor", "1.0.0")  # a canary that has proved itself
    run("shadow", "tumor", "--off")
    assert read_serving(models, "tumor") == Serving(active="1.0.0", previous="1.2.0")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("activate", "tumor", "9.9.9"), "no version 9.9.9 of tumor"),
        (("activate", "tumor", "../1.0.0"), "no version"),
        (("activate", "nobody", "1.0.0"), "no service 'nobody'"),
        (("activate", "xray", "1.0.0"), "no version 1.0.0 of xray"),
        (("rollback", "tumor"), "nothing was active before"),
        (("canary", "tumor", "1.0.0", "--share", "1.5"), "at most 1"),
        (("canary", "tumor", "1.2.0"), "is the active version"),
        (("canary", "tumor"), "or --off"),
    ],
)
def test_what_must_not_be_is_one_line(models: Path, words: tuple[str, ...], said: str) -> None:
    assert said in " ".join(run(*words, code=1).split())
    assert read_serving(models, "tumor") is None


def test_a_bad_bundle_is_refused_and_shown(models: Path) -> None:
    (models / "tumor" / "1.1.0" / "model.tflite").write_bytes(b"cut short")
    assert "does not match its checksum" in " ".join(run("activate", "tumor", "1.1.0", code=1).split())
    assert "checksum" in run("versions", "tumor")


def test_a_folder_that_cannot_be_written(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert "Read-only file system" in run("activate", "tumor", "1.0.0", code=1)


def test_the_models_own_name_is_taken(models: Path) -> None:
    shutil.copytree(models / "tumor", models / "palm")
    run("activate", "palm_disease", "1.0.0")
    assert read_serving(models, "palm") == Serving(active="1.0.0", previous="1.2.0")


def test_all_services_are_listed_together(models: Path) -> None:
    shutil.copytree(models / "tumor" / "1.0.0", models / "palm" / "1.0.0")
    (models / "xray").mkdir()
    rows = [line.split() for line in run("versions").splitlines() if "1.0.0" in line or "1.1.0" in line]
    assert [row[1] for row in rows] == ["palm", "tumor", "tumor"]


def test_no_bundle_anywhere_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_PATH", str(tmp_path))
    assert "no bundle in" in run("versions", code=1)


def test_a_choice_that_cannot_be_read_does_not_hide_the_others(models: Path) -> None:
    (models / "tumor" / "serving.json").write_text("{")
    assert "1.2.0 is taken for the active version" in " ".join(run("versions").split())


def test_the_chatbot_serves_one_version(models: Path) -> None:
    shutil.copytree(models / "tumor", models / "chatbot")
    for role in ("canary", "shadow"):
        assert "one version at a time" in run(role, "chatbot", "1.0.0", code=1)
    run("canary", "chatbot", "--off")


def test_choices_in_a_folder_of_their_own(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in containers; what is beside the bundles counts until then, and another folder's bundles keep their own."""
    choices, other = tmp_path / "choices", tmp_path / "other"
    choices.mkdir()
    shutil.copytree(models / "tumor", other / "tumor")
    run("activate", "tumor", "1.1.0")
    monkeypatch.setenv("SERVING_PATH", str(choices))
    run("activate", "tumor", "1.0.0")
    assert read_serving(models, "tumor", choices) == Serving(active="1.0.0", previous="1.1.0")
    assert read_serving(models, "tumor") == Serving(active="1.1.0", previous="1.2.0")
    run("rollback", "tumor")
    assert read_serving(models, "tumor", choices) == Serving(active="1.1.0", previous="1.0.0")
    run("activate", "tumor", "1.0.0", "--models", str(other))
    assert read_serving(other, "tumor") == Serving(active="1.0.0", previous="1.2.0")
    assert read_serving(models, "tumor", choices) == Serving(active="1.1.0", previous="1.0.0")
