"""``doctorai models import``, and the original system's files that are found at start."""

from __future__ import annotations

import pickle  # noqa: TID251 - what users hold
import shutil
from pathlib import Path

import numpy as np
import pytest
import xgboost
from typer.testing import CliRunner

from cli import originals, preparing
from cli.main import app
from shared.bundle import open_bundle
from shared.versions import Serving, read_serving, versions
from tests.support.toy import MODEL, write_toy_bundle

runner = CliRunner()
PICKLE = "XGB-Tuned-balancedPalm.pkl"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("MODEL_PATH", str(folder))
    return folder


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """A pickle as the original system's users hold it."""
    numbers = np.random.default_rng(6).random((80, 5), dtype=np.float32)
    model = xgboost.XGBClassifier(n_estimators=10, n_jobs=1).fit(numbers, numbers[:, 0] > 0.5)
    (tmp_path / PICKLE).write_bytes(pickle.dumps(model))
    return tmp_path / PICKLE


def run(*words: str, code: int = 0) -> str:
    result = runner.invoke(app, ["models", "import", *words])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_a_pickle_wants_trust(models: Path, trees: Path) -> None:
    said = run(str(trees), "--service", "palm", code=1)
    assert "is not imported: XGB-Tuned-balancedPalm.pkl is a pickle" in said
    assert "--i-trust-this-file" in said
    assert list(models.iterdir()) == []


def test_with_trust_the_first_is_served(models: Path, trees: Path) -> None:
    said = run(str(trees), "--service", "palm_disease", "--i-trust-this-file")
    assert "largest difference" in said
    assert "palm: 1.0.0 will be served" in said
    assert "the model names no numbers; they are taken for red, green, blue, saturation, brightness" in said


def test_the_next_waits_for_activate(models: Path, trees: Path) -> None:
    write_toy_bundle(models, service="palm", model="palm_disease")
    said = run(str(trees), "--service", "palm", "--i-trust-this-file")
    assert "1.0.0 goes on being served; to serve the new one: doctorai models activate palm 2.0.0" in said
    assert read_serving(models, "palm") == Serving(active="1.0.0")
    run(str(trees), "--service", "palm", "--i-trust-this-file", "--activate", "--url", "http://127.0.0.1:9")
    assert read_serving(models, "palm") == Serving(active="3.0.0", previous="1.0.0")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "a FILE and --service are wanted, or --found"),
        (("a.h5", "--service", "lungs"), "no service 'lungs'; there are:"),
        (("nothing.h5", "--service", "tumor"), "nothing.h5 is not imported: nothing.h5: No such file"),
        ((str(MODEL), "--service", "tumor", "--pixels", "green"), "pixels: Input should be"),
        ((str(MODEL), "--service", "tumor", "--labels", "glioma, cat"), "no texts for 'cat'"),
        ((str(MODEL), "--service", "chatbot"), "is no language model"),
    ],
)
def test_what_is_wrong_is_one_line(models: Path, words: tuple[str, ...], reason: str) -> None:
    assert reason in run(*words, code=1)
    assert list(models.iterdir()) == []


def test_originals_are_found_by_name(models: Path) -> None:
    for name in ("Tumor.h5", "X-RAY.h5", "readme.txt", "Other.h5", PICKLE, "tumor.txt"):
        (models / name).touch()
    (models / "lung_colon").mkdir()
    (models / "lung_colon" / "Model.h5").touch()
    for folder in ("t5-arabic", "chatbot"):
        (models / folder).mkdir()
        (models / folder / "config.json").touch()
    found = {(one.service, one.path.relative_to(models).as_posix()) for one in originals.find(models)}
    assert found == {
        ("tumor", "Tumor.h5"),
        ("xray", "X-RAY.h5"),
        ("palm", PICKLE),
        ("lung_colon", "lung_colon/Model.h5"),
        ("chatbot", "t5-arabic"),
    }


def test_found_at_start(models: Path, trees: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Imported once, served at once; what cannot be is told; a service without any gets the model that ships."""
    shutil.copy(MODEL, models / "X-ray.tflite")  # it knows two classes, too
    (models / "Tumor.h5").write_bytes(b"nothing")
    trees.rename(models / PICKLE)
    preparing.prepare(models, ["xray", "tumor"])
    said = " ".join(capsys.readouterr().err.split())
    assert "X-ray.tflite is xray 1.0.0 from now on; it differs by at most" in said
    assert "Tumor.h5 is not imported: Tumor.h5 is no Keras .h5" in said
    assert f"{PICKLE} is not imported: {PICKLE} is a pickle" in said
    assert "tumor: no model under the model path; the one that ships (1.0.0) was copied there" in said
    assert versions(models, "xray") == versions(models, "tumor") == ["1.0.0"]
    open_bundle(models / "tumor" / "1.0.0")
    assert versions(models, "palm") == []

    preparing.prepare(models, ["xray", "tumor"])
    assert "X-ray.tflite is xray 1.0.0 already" in " ".join(capsys.readouterr().err.split())
    assert versions(models, "xray") == ["1.0.0"]


def test_dropped_beside_a_bundle_it_is_served_and_a_way_back_is_kept(models: Path) -> None:
    write_toy_bundle(models, service="xray", model="xray")
    shutil.copy(MODEL, models / "X-ray.tflite")
    run("--found")
    assert read_serving(models, "xray") == Serving(active="2.0.0", previous="1.0.0")
    runner.invoke(app, ["models", "rollback", "xray", "--no-wait"])
    run("--found")
    assert read_serving(models, "xray") == Serving(active="1.0.0", previous="2.0.0"), "an operator's choice stays"


def test_found_elsewhere(models: Path, tmp_path: Path) -> None:
    """The user's files may lie where nothing can be written."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.copy(MODEL, theirs / "X-ray.tflite")
    theirs.chmod(0o555)
    run(str(theirs), "--found")
    assert versions(models, "xray") == ["1.0.0"]
