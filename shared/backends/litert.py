"""LiteRT (TensorFlow Lite): the CPU runtime of the image models.

On a CPU, throughput comes from one single-threaded interpreter per core, not from batches or threads, so each
worker gets an interpreter of its own with one thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from shared.backends.base import Backend, Outputs, Runner, sample_shape
from shared.bundle import Bundle
from shared.errors import BundleError


class LiteRTBackend(Backend):
    max_batch = 1

    def __init__(self, bundle: Bundle) -> None:
        self._manifest = bundle.manifest
        # from memory: a file rewritten under a mapped model would change its weights, or kill the process
        self._weights = {name: bundle.read(signature.file) for name, signature in bundle.manifest.signatures.items()}

    def workers(self, cpus: int) -> int:
        return cpus

    def runner(self, signature: str) -> Runner:
        try:
            interpreter = Interpreter(model_content=self._weights[signature], num_threads=1)
            return _LiteRTRunner(interpreter, sample_shape(self._manifest.signatures[signature].input))
        except (ValueError, RuntimeError) as error:
            raise BundleError(f"LiteRT cannot load the weights: {error}") from error

    def close(self) -> None:
        self._weights.clear()


class _LiteRTRunner:
    """Feeds one picture at a time through the first signature of the file."""

    def __init__(self, interpreter: Any, sample: tuple[int, ...]) -> None:
        signatures = interpreter.get_signature_list()
        if not signatures:
            raise ValueError("it has no signature")
        name, parts = next(iter(signatures.items()))
        if len(parts["inputs"]) != 1 or "logits" not in parts["outputs"]:
            raise ValueError(f"it must take one input and give 'logits', not {parts}")
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
        return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}
