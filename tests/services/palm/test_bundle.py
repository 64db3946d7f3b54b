import os
from pathlib import Path

import numpy as np
import pytest

from services.palm.definition import SERVICE
from services.palm.features import FEATURE_NAMES, MEAN_NAMES, extract, five_means
from services.palm.segmentation import segment
from shared.backends import open_backend
from shared.bundle import Bundle, find_bundle, open_bundle
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.imaging.intake import decode_image
from shared.inference.predictor import Inference, Predictor, Sample
from training.dataset import split_files
from training.metrics import auroc
from training.palm_card import serve

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("DOCTORAI_DATA", ROOT.parent / "shared" / "data")) / "hand_hb"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the hand_hb data is not here")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle(find_bundle(ROOT / "models", "palm"))


@pytest.fixture(scope="module")
def predictor(bundle: Bundle) -> Predictor:
    return Predictor(bundle, open_backend(bundle), SERVICE.features, max_pixels=DEFAULT_MAX_PIXELS)


def ask(predictor: Predictor, signature: str, payload: bytes | tuple[float, ...]) -> np.ndarray:
    answer = predictor([Sample(signature, payload)])[0]
    assert isinstance(answer, Inference)
    return answer.probabilities


def test_the_manifest_fits_the_service(bundle: Bundle) -> None:
    manifest = bundle.manifest
    assert manifest.model == SERVICE.model
    assert manifest.labels == tuple(SERVICE.classes)
    assert manifest.default_signature == "image"
    assert manifest.signatures["image"].input.names == FEATURE_NAMES  # type: ignore[union-attr]
    assert manifest.signatures["means"].input.names == MEAN_NAMES  # type: ignore[union-attr]


@pytest.mark.parametrize("signature", ["image", "means"])
def test_the_golden_input_gives_the_golden_probabilities(bundle: Bundle, predictor: Predictor, signature: str) -> None:
    golden = bundle.manifest.signatures[signature].golden
    payload = bundle.read(golden.input) if isinstance(golden.input, str) else golden.input
    assert ask(predictor, signature, payload) == pytest.approx(golden.probabilities, abs=1e-4)


def test_the_golden_means_are_those_of_the_golden_picture(bundle: Bundle) -> None:
    means = five_means(decode_image(bundle.read("golden.png")))
    assert bundle.manifest.signatures["means"].golden.input == pytest.approx(means, abs=1e-5)


@needs_data
def test_the_bundle_scores_on_test_as_its_manifest_says(bundle: Bundle) -> None:
    files = split_files(DATA, "test", SERVICE)
    for name in bundle.manifest.signatures:
        found = auroc(
            np.array([label for _, label in files]), serve(bundle, name, [path.read_bytes() for path, _ in files])
        )
        assert found == pytest.approx(bundle.manifest.metrics[name]["test"]["auroc"]["value"], abs=1e-4)


@needs_data
def test_uncropped_originals_go_all_the_way(predictor: Predictor) -> None:
    for path in sorted(DATA.glob("samples/*/*.jpg")):
        upload = path.read_bytes()
        regions = segment(decode_image(upload))
        assert regions.skin_found
        assert regions.nail_found
        assert np.isfinite(extract(decode_image(upload))).all()
        assert ask(predictor, "image", upload).sum() == pytest.approx(1)
