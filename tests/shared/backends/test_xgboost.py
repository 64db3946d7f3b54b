"""XGBoost: log-odds out, whatever the number of classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xgboost

from shared.backends.xgboost import XGBoostBackend
from shared.bundle import Bundle, open_bundle
from shared.errors import BundleError
from shared.inference.probabilities import softmax
from shared.manifest import Golden, ImageInput, Signature
from tests.support.bundles import tabular_bundle, weights, write_bundle
from tests.support.pictures import png

ROWS = np.random.default_rng(2).random((300, 3), dtype=np.float32)


def bundle(models: Path, **options: int) -> Bundle:
    return open_bundle(tabular_bundle(models, **options))


@pytest.mark.parametrize("classes", [2, 3])
def test_the_probabilities_are_xgboosts_own(tmp_path: Path, classes: int) -> None:
    logits = XGBoostBackend(bundle(tmp_path, classes=classes)).runner("numbers")(ROWS)["logits"]
    assert (logits.shape, logits.dtype) == ((len(ROWS), classes), np.float32)
    booster = xgboost.Booster(model_file=bytearray(weights(classes)))
    expected = booster.predict(xgboost.DMatrix(ROWS)).reshape(len(ROWS), -1)
    ours = np.stack([softmax(row, None) for row in logits])
    assert np.allclose(ours[:, 1:] if classes == 2 else ours, expected, atol=1e-5)


@pytest.mark.parametrize("count", [1, 3, 17, 300])
def test_batched_is_single(tmp_path: Path, count: int) -> None:
    run = XGBoostBackend(bundle(tmp_path)).runner("numbers")
    single = np.concatenate([run(ROWS[at : at + 1])["logits"] for at in range(count)])
    assert np.array_equal(run(ROWS[:count])["logits"], single)


def test_a_bundle_that_names_other_numbers_than_the_weights_take_is_refused(tmp_path: Path) -> None:
    root = tabular_bundle(tmp_path, weights(columns=4))
    with pytest.raises(BundleError, match="the weights take 4 numbers, the manifest 3"):
        XGBoostBackend(open_bundle(root)).runner("numbers")


def test_pixels_are_refused(tmp_path: Path) -> None:
    golden = Golden(input="golden.png", probabilities=(0.0, 1.0))
    signature = Signature(file="model.ubj", input=ImageInput(height=8, width=8), golden=golden)
    root = write_bundle(tmp_path, {"model.ubj": weights(), "golden.png": png()}, {"image": signature})
    with pytest.raises(BundleError, match="numbers, not pixels"):
        XGBoostBackend(open_bundle(root)).runner("image")


def test_one_worker_a_cpu_and_large_batches(tmp_path: Path) -> None:
    backend = XGBoostBackend(bundle(tmp_path))
    assert backend.workers(3) == 3
    assert backend.max_batch > 1
