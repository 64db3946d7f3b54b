"""Runs LiteRT weights on an array of pictures; for whole bundles use the service's own predictor."""

from __future__ import annotations

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray


def run_litert(weights: bytes, pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Normalised ``pictures`` (n, h, w, 3) → each output of the first signature, (n, …); one thread."""
    interpreter = Interpreter(model_content=weights, num_threads=1)
    name, parts = next(iter(interpreter.get_signature_list().items()))
    run, argument = interpreter.get_signature_runner(name), parts["inputs"][0]
    answers = [run(**{argument: picture[None]}) for picture in pictures]
    return {output: np.concatenate([answer[output] for answer in answers]) for output in answers[0]}
