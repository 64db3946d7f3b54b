"""LiteRT (TensorFlow Lite): the CPU runtime of the image models.

On a CPU, throughput comes from one single-threaded interpreter per core, not from batches or threads, so each
worker gets an interpreter of its own with one thread. A picture that is alone may use the other cores: there is one
more interpreter, with more threads, for the worker that finds no other at work.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from shared.backends.base import Backend, Outputs, Runner, sample_shape, two_classes
from shared.bundle import Bundle
from shared.cgroup import worker_count
from shared.errors import BundleError
from shared.manifest import ImageInput

_MOST_THREADS = 4


class LiteRTBackend(Backend):
    max_batch = 1

    def __init__(self, bundle: Bundle) -> None:
        self._manifest = bundle.manifest
        # from memory: a file rewritten under a mapped model would change its weights, or kill the process
        self._weights = {name: bundle.read(signature.file) for name, signature in bundle.manifest.signatures.items()}
        self._threads = min(worker_count(), _MOST_THREADS)
        self._wide: dict[str, _LiteRTRunner] = {}
        self._load = _Load()

    def workers(self, cpus: int) -> int:
        return cpus

    def runner(self, signature: str) -> Runner:
        narrow = self._open(signature, threads=1)
        if self._threads == 1:
            return narrow
        if signature not in self._wide:
            self._wide[signature] = self._open(signature, threads=self._threads)
        # the golden inference finds no other worker and warms the wide one
        narrow(np.zeros((1, *sample_shape(self._manifest.signatures[signature].input)), dtype=np.float32))
        return _SharedCores(narrow, self._wide[signature], self._load)

    def _open(self, signature: str, threads: int) -> _LiteRTRunner:
        try:
            interpreter = Interpreter(model_content=self._weights[signature], num_threads=threads)
            return _LiteRTRunner(interpreter, sample_shape(self._manifest.signatures[signature].input))
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"LiteRT cannot load the weights: {error}") from error

    def close(self) -> None:
        self._weights.clear()
        self._wide.clear()


def open_network(weights: bytes, spec: ImageInput, wanted: str = "features") -> Runner:
    """A network beside a model: pictures in, among its outputs ``wanted``. Raises BundleError when it is another."""
    try:
        interpreter = Interpreter(model_content=weights, num_threads=1)
        return _LiteRTRunner(interpreter, sample_shape(spec), wanted)
    except (ValueError, RuntimeError) as error:
        raise BundleError(f"LiteRT cannot load the network: {error}") from error


class _Load:
    """Counts the workers that run; entering gives True to the one that is alone.

    The next to be told so comes after all have left, so what it guards is never used by two.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0

    def __enter__(self) -> bool:
        with self._lock:
            self._running += 1
            return self._running == 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._running -= 1


class _SharedCores:
    """A worker's runner: the wide interpreter when it is alone, its own when it is not."""

    def __init__(self, narrow: _LiteRTRunner, wide: _LiteRTRunner, load: _Load) -> None:
        self._narrow = narrow
        self._wide = wide
        self._load = load

    def __call__(self, batch: NDArray[np.float32]) -> Outputs:
        with self._load as alone:
            return (self._wide if alone else self._narrow)(batch)


class _LiteRTRunner:
    """Feeds one picture at a time through the first signature of the file."""

    def __init__(self, interpreter: Any, sample: tuple[int, ...], wanted: str = "logits") -> None:
        signatures = interpreter.get_signature_list()
        if not signatures:
            raise ValueError("it has no signature")
        name, parts = next(iter(signatures.items()))
        if len(parts["inputs"]) != 1 or wanted not in parts["outputs"]:
            raise ValueError(f"it must take one input and give '{wanted}', not {parts}")
        self._input = parts["inputs"][0]
        self._run = interpreter.get_signature_runner(name)
        takes = tuple(int(side) for side in self._run.get_input_details()[self._input]["shape_signature"])
        # LiteRT would resize its input to whatever comes, and answer
        if len(takes) != len(sample) + 1 or any(
            -1 != side != want for side, want in zip(takes[1:], sample, strict=True)
        ):
            raise ValueError(f"it takes {takes[1:]}, the manifest says {sample}")
        self._interpreter = interpreter  # the signature runner does not keep it alive

    def __call__(self, batch: NDArray[np.float32]) -> Outputs:
        answers = [self._run(**{self._input: batch[at : at + 1]}) for at in range(len(batch))]
        outputs = {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}
        return outputs | ({"logits": two_classes(outputs["logits"])} if "logits" in outputs else {})
