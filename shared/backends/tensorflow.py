"""TensorFlow proper: for GPUs, and for a model that LiteRT cannot run. Reads a SavedModel, which holds no Python.

One traced function with a fixed signature and a few padded batch sizes, so that nothing is traced again under load.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shared.backends.base import Backend, Outputs, Runner, sample_shape
from shared.backends.tensorflow_operations import CHECKPOINT, check_operations, graphs_of
from shared.bundle import Bundle
from shared.cgroup import worker_count
from shared.errors import BundleError

_BUCKETS = (1, 2, 4, 8, 16)


class TensorFlowBackend(Backend):
    max_batch = _BUCKETS[-1]

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        _configure_devices()
        self._models: dict[str, Any] = {}
        for signature in bundle.manifest.signatures.values():
            if signature.file not in self._models:
                _check_listed(bundle, signature.file)
                check_operations(graphs_of(bundle.read(f"{signature.file}/saved_model.pb")), CHECKPOINT)
                self._models[signature.file] = _load(str(bundle.root / signature.file))
        # TensorFlow reads the files itself: what was checked when the bundle was opened must still be there
        bundle.verify()

    def workers(self, cpus: int) -> int:
        # TensorFlow spreads one call over its own threads; batches, not workers, fill a GPU
        return 1

    def runner(self, signature: str) -> Runner:
        model = self._models[self._bundle.manifest.signatures[signature].file]
        function = model.signatures.get("serving_default")
        if function is None or "logits" not in function.structured_outputs:
            raise BundleError("the SavedModel needs a 'serving_default' signature that gives 'logits'")
        check_operations([function.graph.as_graph_def()])
        runner = _TensorFlowRunner(model, function)
        _warm(runner, sample_shape(self._bundle.manifest.signatures[signature].input))
        return runner

    def close(self) -> None:
        self._models.clear()


class _TensorFlowRunner:
    def __init__(self, model: Any, function: Any) -> None:
        self._model = model  # the function holds the variables only weakly
        self._function = function
        self._input = next(iter(function.structured_input_signature[1]))

    def __call__(self, batch: NDArray[np.float32]) -> Outputs:
        count = len(batch)
        bucket = next((size for size in _BUCKETS if size >= count), count)
        padding = np.zeros((bucket - count, *batch.shape[1:]), dtype=np.float32)
        outputs = self._function(**{self._input: tf.constant(np.concatenate([batch, padding]))})
        return {name: value.numpy()[:count] for name, value in outputs.items()}


def _check_listed(bundle: Bundle, folder: str) -> None:
    """Refuses a SavedModel with a file that the manifest, and so no checksum, knows of."""
    for path in (bundle.root / folder).rglob("*"):
        name = path.relative_to(bundle.root).as_posix()
        if not path.is_dir() and name not in bundle.manifest.files:
            raise BundleError(f"{name} is not among the bundle's files")


def _warm(runner: Runner, shape: tuple[int, ...]) -> None:
    """Runs every padded size once: the first run of each is slow, and no caller should wait for it."""
    for size in _BUCKETS:
        try:
            runner(np.zeros((size, *shape), dtype=np.float32))
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise BundleError(f"the SavedModel does not take what the manifest says: {error}") from error


def _load(path: str) -> Any:
    try:
        return tf.saved_model.load(path)
    except (OSError, ValueError, RuntimeError, tf.errors.OpError) as error:
        raise BundleError(f"TensorFlow cannot load the SavedModel: {error}") from error


def _configure_devices() -> None:
    """Threads by the cgroup's quota; GPU memory grows as needed unless TENSORFLOW_MEMORY_GROWTH says not to."""
    grow = os.environ.get("TENSORFLOW_MEMORY_GROWTH", "true").lower() in ("1", "true", "yes")
    try:
        tf.config.threading.set_intra_op_parallelism_threads(worker_count())
        tf.config.threading.set_inter_op_parallelism_threads(1)
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, grow)
    except RuntimeError:
        # already initialised in this process: its settings stand
        return
