"""Runs LiteRT weights on an array of pictures; for whole bundles use the service's own predictor."""

from __future__ import annotations

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray


class LiteRT:
    """Weights with one signature, ready to be run; ``outputs`` are their names."""

    def __init__(self, weights: bytes) -> None:
        self._interpreter = Interpreter(model_content=weights, num_threads=1)  # the runner does not keep it alive
        name, parts = next(iter(self._interpreter.get_signature_list().items()))
        self._run, self._argument = self._interpreter.get_signature_runner(name), parts["inputs"][0]
        self.outputs = tuple(parts["outputs"])

    def __call__(self, picture: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """(1, h, w, 3), normalised → each output, (1, …)."""
        return dict(self._run(**{self._argument: picture}))


def run_litert(weights: bytes, pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Normalised ``pictures`` (n, h, w, 3) → each output of the first signature, (n, …); one thread."""
    run = LiteRT(weights)
    answers = [run(picture[None]) for picture in pictures]
    return {output: np.concatenate([answer[output] for answer in answers]) for output in answers[0]}
