"""What an import leaves behind: a version, what is served unchanged, and nothing at all when it fails."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.tumor.definition import SERVICE as TUMOR
from shared.bundle import open_bundle
from shared.service.card import model_card
from shared.versions import Serving, read_serving, versions, write_serving
from tests.support.toy import write_toy_bundle
from tests.training.importing.conftest import Import
from training.importing.bundle import ROOT
from training.importing.errors import Refused
from training.importing.importer import Imported
from training.importing.samples import pictures

SHIPPED = ROOT / "models" / "tumor" / "1.0.0"


def test_the_first_is_served_the_next_waits(originals: Path, importing: Import, models: Path) -> None:
    first = importing("tumor", originals / "softmax.tflite")
    assert (first.bundle.root, first.pinned) == (models / "tumor" / "1.0.0", None)
    assert read_serving(models, "tumor") is None
    second = importing("tumor", originals / "logits.tflite")
    assert (second.bundle.root.name, second.pinned) == ("2.0.0", "1.0.0")
    assert read_serving(models, "tumor") == Serving(active="1.0.0")
    third = importing("tumor", originals / "softmax.tflite", version="1.5.0")
    assert third.pinned == "1.0.0"
    assert versions(models, "tumor") == ["2.0.0", "1.5.0", "1.0.0"]
    assert {path.name for path in models.iterdir()} == {"tumor"}


def test_a_choice_stays(originals: Path, importing: Import, models: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        write_toy_bundle(models, service="tumor", model="tumor", version=version)
    chosen = Serving(active="1.0.0", previous="1.1.0")
    write_serving(models, "tumor", chosen)
    assert importing("tumor", originals / "softmax.tflite").pinned == "1.0.0"
    assert read_serving(models, "tumor") == chosen


def test_the_gates_are_those_of_the_model_that_ships(originals: Path, importing: Import) -> None:
    found = importing("tumor", originals / "softmax.tflite").bundle.manifest.signatures["image"]
    lent = open_bundle(SHIPPED).manifest.signatures["image"]
    assert found.quality == lent.quality
    assert lent.guard is not None
    assert found.guard == lent.guard.model_copy(update={"doubt": 0.0}), "fitted to another model's confidence"
    assert (found.calibration, found.conformal, found.reference) == (None, None, None)


def test_labels_in_another_order(originals: Path, importing: Import) -> None:
    plain = importing("tumor", originals / "softmax.tflite")
    order = ("pituitary", "no_tumor", "meningioma", "glioma")
    turned = importing("tumor", originals / "softmax.tflite", labels=order)
    assert turned.bundle.manifest.labels == order
    known = dict(zip(plain.bundle.manifest.labels, order, strict=True))
    assert [known[row.label] for row in plain.rows] == [row.label for row in turned.rows]


def test_a_given_temperature(originals: Path, importing: Import) -> None:
    plain = importing("tumor", originals / "softmax.tflite").bundle.manifest.signatures["image"]
    soft = importing("tumor", originals / "softmax.tflite", temperature=3.0).bundle.manifest.signatures["image"]
    assert soft.calibration is not None
    assert (soft.calibration.temperature, soft.calibration.samples) == (3.0, 0)
    assert max(soft.golden.probabilities) < max(plain.golden.probabilities)


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ({"labels": ("glioma", "cat")}, "no texts for 'cat'"),
        ({"labels": ("glioma",)}, "at least two labels"),
        ({"labels": ("glioma", "glioma")}, "at least two labels"),
        ({"version": "1.0.0"}, "1.0.0 is there already"),
        ({"version": "1.2"}, "three numbers are wanted"),
        ({"version": "../../escaped"}, "three numbers are wanted"),
    ],
)
def test_what_cannot_be_asked(
    originals: Path, importing: Import, models: Path, rest: dict[str, object], reason: str
) -> None:
    write_toy_bundle(models, service="tumor", model="tumor")
    with pytest.raises(Refused, match=reason):
        importing("tumor", originals / "softmax.tflite", **rest)
    assert versions(models, "tumor") == ["1.0.0"]


def test_a_folder_that_is_not_there(originals: Path, importing: Import, tmp_path: Path, models: Path) -> None:
    with pytest.raises(Refused, match="No such file"):
        importing("tumor", tmp_path / "nothing.h5")
    models.rmdir()
    with pytest.raises(Refused, match="models: No such file"):
        importing("tumor", originals / "softmax.tflite")


def test_what_a_killed_import_left_goes_with_the_next(originals: Path, importing: Import, models: Path) -> None:
    (models / ".import-old" / "1.0.0").mkdir(parents=True)
    importing("tumor", originals / "softmax.tflite")
    assert [path.name for path in models.iterdir()] == ["tumor"]


def test_one_at_a_time(originals: Path, importing: Import, models: Path) -> None:
    """A second import to the same folder is refused while one runs."""

    def run(_: int) -> Imported | Refused:
        try:
            return importing("tumor", originals / "softmax.tflite")
        except Refused as error:
            return error

    with ThreadPoolExecutor() as pool:
        done = list(pool.map(run, range(2)))
    refused = [one for one in done if isinstance(one, Refused)]
    assert len(refused) == 1
    assert "another import" in str(refused[0])
    assert versions(models, "tumor") == ["1.0.0"]


@pytest.fixture
def samples(tmp_path: Path) -> Callable[[int], Path]:
    """A folder with as many noisy pictures of one colour for each class."""

    def write(count: int) -> Path:
        rng = np.random.default_rng(4)
        for at, name in enumerate(("glioma", "meningioma", "no_tumor", "pituitary")):
            (tmp_path / "samples" / name).mkdir(parents=True)
            for number in range(count):
                pixels = rng.normal(40 + 50 * at, 30, (40, 40, 3)).clip(0, 255).astype(np.uint8)
                file = io.BytesIO()
                Image.fromarray(pixels).save(file, "PNG")
                (tmp_path / "samples" / name / f"{number}.png").write_bytes(file.getvalue())
        return tmp_path / "samples"

    return write


def test_labelled_pictures_calibrate_and_score(
    originals: Path, importing: Import, samples: Callable[[int], Path]
) -> None:
    done = importing("tumor", originals / "softmax.tflite", samples=samples(24))
    signature, metrics = done.bundle.manifest.signatures["image"], done.bundle.manifest.metrics
    assert signature.calibration is not None
    assert signature.conformal is not None
    assert signature.reference is not None
    assert signature.calibration.samples == 48
    assert metrics["test"]["samples"] == 48
    assert sum(map(sum, metrics["test"]["confusion"])) == 48
    assert metrics["test_refused_by_the_gate"] == 1.0, "no brain is on them"
    assert len(done.rows) == 33


def test_few_pictures_are_only_compared(originals: Path, importing: Import, samples: Callable[[int], Path]) -> None:
    folder = samples(3)
    done = importing("tumor", originals / "softmax.tflite", samples=folder)
    assert len(done.rows) == 1 + len(pictures(folder))
    assert done.bundle.manifest.metrics == {}


def test_a_picture_that_is_none(originals: Path, importing: Import, samples: Callable[[int], Path]) -> None:
    folder = samples(2)
    (folder / "glioma" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(Refused, match=r"broken\.png: "):
        importing("tumor", originals / "softmax.tflite", samples=folder)


def test_a_folder_without_pictures(originals: Path, importing: Import, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no"):
        importing("tumor", originals / "softmax.tflite", samples=tmp_path)


def test_the_card_does_not_claim_what_is_true_of_another_model(originals: Path, importing: Import) -> None:
    bundle = importing("tumor", originals / "softmax.tflite").bundle
    card, shipped = model_card(TUMOR, bundle), model_card(TUMOR, open_bundle(SHIPPED))
    assert not set(card["limits"]) & set(shipped["limits"])
    assert "model of your own" in card["disclaimer"]
    assert card["not_for"] == shipped["not_for"]
