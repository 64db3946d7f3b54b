from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from services.palm.definition import SERVICE
from shared.backends import open_backend
from shared.bundle import open_bundle
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.inference.predictor import Inference, Predictor, Sample
from training import palm, palm_model
from training.palm_card import SEEN, correlation
from training.palm_data import load_people, task_folder
from training.palm_picture import hand, hand_png

SIZES = {"train": 10, "val": 3, "test": 6}
QUICK = palm_model.Params(max_depth=1, trees=20, learning_rate=0.2, min_child_weight=0, l2=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn hands: anaemic nails and skin are paler, with some noise."""
    root, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    lines = ["file,hb_g_per_l"]
    for split, count in SIZES.items():
        for folder, pallor, hb in (("anemic", 22, 95), ("non_anemic", 0, 145)):
            place = root / "hand_hb" / split / folder
            place.mkdir(parents=True)
            for index in range(count):
                shift = pallor + int(rng.integers(-9, 10))
                name = f"{folder}_{split}_{index}.png"
                hand((200, 148 + shift, 128 + shift), (226, 176 + shift, 172 + shift)).save(place / name)
                lines.append(f"hand_hb/{split}/{folder}/{name},{hb + shift}")
    (root / "hand_hb" / "labels.csv").write_text("\n".join(lines))
    return root


@pytest.fixture(scope="module")
def bundle(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(palm_model, "CANDIDATES", (QUICK,))
        return palm.train(data, tmp_path_factory.mktemp("models"), repeats=1)


def test_people_are_read_with_label_and_haemoglobin(data: Path) -> None:
    people = load_people(data, "val")
    assert people.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert (people.hb[:3] > 130).all()
    assert people.inputs["image"].shape == (6, 13)
    assert people.inputs["means"].shape == (6, 5)
    assert task_folder(data) == task_folder(data / "hand_hb")


def test_a_set_without_haemoglobin_is_taken(data: Path, tmp_path: Path) -> None:
    (tmp_path / "val").symlink_to(data / "hand_hb" / "val")
    assert np.isnan(load_people(tmp_path, "val").hb).all()


def test_train_writes_a_bundle_that_predicts(bundle: Path) -> None:
    opened = open_bundle(bundle)
    assert (opened.manifest.runtime, opened.manifest.labels) == ("xgboost", ("healthy", "anemia"))
    predictor = Predictor(opened, open_backend(opened), SERVICE.features, max_pixels=DEFAULT_MAX_PIXELS)
    answer = predictor([Sample("image", hand_png())])[0]
    assert isinstance(answer, Inference)
    golden = opened.manifest.signatures["image"].golden.probabilities
    assert answer.probabilities == pytest.approx(golden, abs=1e-4)


def test_the_manifest_holds_scores_and_where_they_come_from(bundle: Path) -> None:
    manifest = open_bundle(bundle).manifest
    assert manifest.metrics["image"]["cross_validation"]["auroc"]["value"] > 0.8
    assert manifest.metrics["image"]["test"]["samples"] == 2 * SIZES["test"]
    assert manifest.provenance["people"]["train+val"] == 2 * (SIZES["train"] + SIZES["val"])
    assert manifest.provenance["command"].startswith("make train MODEL=palm")
    for signature in manifest.signatures.values():
        assert signature.calibration is not None
        assert signature.conformal is not None


def test_the_same_seed_gives_the_same_model(data: Path) -> None:
    people = load_people(data, "train")
    x, y = people.inputs["image"], people.y
    first, second = (palm_model.fit(x, y, QUICK, 3).save_raw("ubj") for _ in range(2))
    assert first == second


def test_held_out_margins_are_by_models_that_have_not_seen_the_person() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 4)).astype(np.float32), rng.integers(0, 2, 200)  # nothing to learn
    seen = palm_model.margins(palm_model.fit(x, y, palm_model.CANDIDATES[-1], 0), x)
    held = palm_model.out_of_fold(x, y, palm_model.CANDIDATES[-1], 0)
    assert palm_model.auroc(y, palm_model.logits(seen)) > 0.75
    assert palm_model.auroc(y, palm_model.logits(held)) < 0.65


def test_operating_points_keep_the_wanted_sensitivity() -> None:
    y = np.repeat([0, 1], 50)
    probability = np.concatenate([np.linspace(0, 0.7, 50), np.linspace(0.3, 1, 50)])
    for point in palm.operating_points(probability, y):
        assert (probability[y == 1] >= point["probability"] - 1e-4).mean() >= point["sensitivity"]


def test_evaluate_writes_the_card(bundle: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = palm.evaluate(data, bundle.parents[1], tmp_path / "cards")
    assert path == tmp_path / "cards" / "palm_disease.md"
    text = path.read_text(encoding="utf-8")
    for wanted in ("demonstration", "make train MODEL=palm", "make evaluate MODEL=palm", "nail_log_red_green", "[0."):
        assert wanted in text
    assert str(tmp_path) not in text
    assert "AUROC" in capsys.readouterr().out


def test_the_way_with_haemoglobin_is_spearmans() -> None:
    rng = np.random.default_rng(0)
    probability, hb = rng.random(40).round(1), rng.integers(60, 160, 40).astype(float)
    found = correlation(probability, hb)
    assert found is not None
    assert found["value"] == pytest.approx(spearmanr(probability, hb).statistic)
    assert found["low"] < found["value"] < found["high"]
    assert correlation(probability, np.full(40, np.nan)) is None


def test_people_seen_in_the_samples_are_known_by_name() -> None:
    assert SEEN.fullmatch("hand_hb_anemic_test_0005.jpg")
    assert SEEN.fullmatch("hand_hb_non_anemic_test_0000.jpg")
    assert not SEEN.fullmatch("hand_hb_anemic_test_0006.jpg")
    assert not SEEN.fullmatch("palm_0001.jpg")
