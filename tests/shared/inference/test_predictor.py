"""A batch gives each picture the answer that it would have alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from shared.backends import Backend, open_backend
from shared.bundle import Bundle, open_bundle
from shared.errors import BundleError, InvalidImage, PayloadTooLarge
from shared.inference.predictor import Inference, Predictor, Sample
from tests.support.bundles import NAMES, features_bundle, tabular_bundle
from tests.support.pictures import png
from tests.support.toy import RED, write_toy_bundle

COLOURS = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
BAD = png()[:60]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return open_bundle(write_toy_bundle(tmp_path_factory.mktemp("models")))


@pytest.fixture(scope="module")
def predict(bundle: Bundle) -> Predictor:
    return Predictor(bundle, open_backend(bundle), {}, max_pixels=10_000)


def probabilities(answer: Inference | Exception) -> NDArray[np.float64]:
    assert isinstance(answer, Inference), answer
    return answer.probabilities


@settings(max_examples=50, deadline=None)
@given(colours=st.lists(COLOURS, min_size=1, max_size=9), data=st.data())
def test_batched_is_single_with_one_bad_picture_among_them(
    predict: Predictor, colours: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    pictures = [png(colour, (8, 8)) for colour in colours]
    bad_at = data.draw(st.integers(0, len(pictures)))
    pictures.insert(bad_at, BAD)
    answers = list(predict([Sample("image", picture) for picture in pictures]))
    assert len(answers) == len(pictures)
    assert isinstance(answers.pop(bad_at), InvalidImage)
    alone = [predict([Sample("image", png(colour, (8, 8)))])[0] for colour in colours]
    for together, single in zip(answers, alone, strict=True):
        assert np.allclose(probabilities(together), probabilities(single), atol=1e-6)


def test_a_batch_of_bad_pictures_has_a_reason_for_each(predict: Predictor) -> None:
    answers = predict([Sample("image", BAD), Sample("image", png(size=(101, 100)))])
    assert [type(answer) for answer in answers] == [InvalidImage, PayloadTooLarge]


def test_the_stages_are_timed(predict: Predictor) -> None:
    (answer,) = predict([Sample("image", png(RED))])
    assert isinstance(answer, Inference)
    assert answer.decode_ms > 0
    assert answer.inference_ms > 0


def test_numbers_for_a_picture_signature_are_an_error_not_an_answer(predict: Predictor) -> None:
    assert isinstance(predict([Sample("image", (0.1, 0.2))])[0], TypeError)


class Fixed:
    """A backend whose runner gives what the test wants."""

    def __init__(self, *rows: Sequence[float]) -> None:
        self._rows = np.asarray(rows, dtype=np.float32)

    def runner(self, signature: str) -> object:
        return lambda batch: {"logits": self._rows}


def predictor(bundle: Bundle, *rows: Sequence[float]) -> Predictor:
    return Predictor(bundle, cast(Backend, Fixed(*rows)), {}, max_pixels=10_000)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_not_finite_are_refused_for_their_picture_alone(bundle: Bundle, value: float) -> None:
    good, bad = predictor(bundle, (1, 2), (value, 2))([Sample("image", png())] * 2)
    assert isinstance(bad, BundleError)
    assert "not finite" in bad.detail
    assert probabilities(good)[1] > 0.5


def test_too_few_answers_are_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="1 answers to 2 samples"):
        predictor(bundle, (1, 2))([Sample("image", png())] * 2)


def test_features_are_computed_by_the_service(tmp_path: Path) -> None:
    bundle = open_bundle(features_bundle(tmp_path))

    def features(image: Image.Image) -> NDArray[np.float32]:
        return np.asarray(image, dtype=np.float32).mean(axis=(0, 1)) / 255

    predict = Predictor(bundle, open_backend(bundle), {NAMES: features}, max_pixels=10_000)
    high, low = predict([Sample("features", png((255, 0, 0))), Sample("features", png((0, 0, 0)))])
    assert probabilities(high)[1] > 0.5 > probabilities(low)[1]
    short = Predictor(bundle, open_backend(bundle), {NAMES: lambda image: np.zeros(2, np.float32)}, max_pixels=10_000)
    assert isinstance(short([Sample("features", png())])[0], BundleError)


def test_a_bundle_of_features_needs_a_service_that_computes_them(tmp_path: Path) -> None:
    bundle = open_bundle(features_bundle(tmp_path))
    with pytest.raises(BundleError, match="does not compute"):
        Predictor(bundle, open_backend(bundle), {}, max_pixels=10_000)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 3), min_size=1, max_size=20))
def test_batched_numbers_are_single_numbers(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, ...]]
) -> None:
    bundle = open_bundle(tabular_bundle(tmp_path_factory.mktemp("models")))
    predict = Predictor(bundle, open_backend(bundle), {}, max_pixels=1)
    together = predict([Sample("numbers", row) for row in rows])
    for row, answer in zip(rows, together, strict=True):
        assert np.allclose(probabilities(answer), probabilities(predict([Sample("numbers", row)])[0]))
