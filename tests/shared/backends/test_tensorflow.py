"""TensorFlow: every padded size is warm before a caller comes, and gives the answer of one picture alone."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from shared.bundle import open_bundle
from shared.errors import BundleError
from shared.manifest import Golden, ImageInput, Signature
from tests.support.bundles import write_bundle
from tests.support.pictures import png

if TYPE_CHECKING:
    from shared.backends.tensorflow import TensorFlowBackend

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what TensorFlow's own import warns of is not ours to mend
    tf: Any = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: pip install doctorai[tensorflow]")

SIDE = 4
SIZES = (1, 2, 3, 4, 5, 8, 15, 16, 17)


def save(folder: Path, seed: int) -> Path:
    """A SavedModel of one matrix, which counts its calls by batch size."""
    module = tf.Module()
    kernel = np.random.default_rng(seed).normal(size=(SIDE * SIDE * 3, 2)).astype(np.float32)
    module.kernel = tf.Variable(kernel)
    module.seen = tf.Variable(tf.zeros([32], tf.int32), trainable=False)

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32, name="pixels")])
    def serve(pixels: Any) -> dict[str, Any]:
        size = tf.shape(pixels)[0]
        module.seen.assign(tf.tensor_scatter_nd_add(module.seen, [[size]], [1]))
        return {"logits": tf.reshape(pixels, [size, SIDE * SIDE * 3]) @ module.kernel}

    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    return folder


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("tf") / "saved", seed=3)


def bundle_root(models: Path, saved: Path, side: int = SIDE) -> Path:
    root = models / "toy" / "1.0.0"
    shutil.copytree(saved, root / "saved")
    golden = Golden(input="golden.png", probabilities=(0.5, 0.5))
    signature = Signature(file="saved", input=ImageInput(height=side, width=side), golden=golden)
    return write_bundle(models, {"golden.png": png()}, {"image": signature}, runtime="tensorflow")


def load(root: Path) -> TensorFlowBackend:
    from shared.backends.tensorflow import TensorFlowBackend

    return TensorFlowBackend(open_bundle(root))


@pytest.fixture
def backend(tmp_path: Path, saved: Path) -> TensorFlowBackend:
    return load(bundle_root(tmp_path, saved))


@pytest.mark.parametrize("count", SIZES)
def test_batched_is_single_over_the_padding(backend: TensorFlowBackend, count: int) -> None:
    run = backend.runner("image")
    batch = np.random.default_rng(count).random((count, SIDE, SIDE, 3), dtype=np.float32)
    together = run(batch)["logits"]
    assert together.shape == (count, 2)
    single = np.concatenate([run(batch[at : at + 1])["logits"] for at in range(count)])
    assert np.allclose(together, single, atol=1e-4)


def test_every_size_is_warm_before_the_runner_is_given_and_no_other_is_ever_run(backend: TensorFlowBackend) -> None:
    run = backend.runner("image")
    (model,) = backend._models.values()
    warm = {int(size) for size in np.flatnonzero(model.seen.numpy())}
    assert warm == {1, 2, 4, 8, 16}
    for count in range(1, backend.max_batch + 1):
        run(np.zeros((count, SIDE, SIDE, 3), dtype=np.float32))
    assert {int(size) for size in np.flatnonzero(model.seen.numpy())} == warm


def test_a_manifest_of_another_picture_size_is_refused(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(BundleError, match="does not take what the manifest says"):
        load(bundle_root(tmp_path, saved, side=SIDE + 1)).runner("image")


def test_a_file_that_the_manifest_does_not_know_is_refused(tmp_path: Path, saved: Path) -> None:
    root = bundle_root(tmp_path, saved)
    (root / "saved" / "assets" / "extra.txt").parent.mkdir(exist_ok=True)
    (root / "saved" / "assets" / "extra.txt").write_text("x")
    with pytest.raises(BundleError, match=r"extra\.txt is not among the bundle's files"):
        load(root)


def test_weights_swapped_after_the_bundle_was_opened_are_refused(tmp_path: Path, saved: Path) -> None:
    from shared.backends.tensorflow import TensorFlowBackend

    bundle = open_bundle(bundle_root(tmp_path, saved))
    other = save(tmp_path / "other", seed=4)  # as good a SavedModel, of other weights
    shutil.copytree(other / "variables", bundle.root / "saved" / "variables", dirs_exist_ok=True)
    with pytest.raises(BundleError, match="does not match its checksum"):
        TensorFlowBackend(bundle)


def test_garbage_is_a_bundle_error(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"not a protocol buffer")
    with pytest.raises(BundleError, match="is not whole"):
        load(bundle_root(tmp_path / "models", tmp_path / "saved"))


def test_a_graph_that_does_more_than_compute_is_refused(tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32)])
    def serve(pixels: Any) -> dict[str, Any]:
        with tf.control_dependencies([tf.io.write_file(str(canary), "written")]):
            return {"logits": tf.reshape(pixels, [-1, SIDE * SIDE * 3])[:, :2]}

    tf.saved_model.save(tf.Module(), str(tmp_path / "saved"), signatures={"serving_default": serve})
    with pytest.raises(BundleError, match="the graph holds WriteFile"):
        load(bundle_root(tmp_path / "models", tmp_path / "saved"))
    assert not canary.exists()


def test_a_model_without_logits_is_refused(tmp_path: Path) -> None:
    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 3], tf.float32)])
    def serve(pixels: Any) -> dict[str, Any]:
        return {"scores": pixels}

    tf.saved_model.save(tf.Module(), str(tmp_path / "saved"), signatures={"serving_default": serve})
    with pytest.raises(BundleError, match="gives 'logits'"):
        load(bundle_root(tmp_path / "models", tmp_path / "saved")).runner("image")


def test_one_worker_whatever_the_cpus(backend: TensorFlowBackend) -> None:
    assert backend.workers(8) == 1
