"""Proves a bundle before it is served: it gives the original's answers, in the service's own hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.backends import Runner, open_backend
from shared.bundle import Bundle
from shared.definition import ServiceDefinition
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.inference.predictor import Predictor
from shared.inference.probabilities import softmax
from shared.service.golden import warm_up
from training.importing.errors import Refused

Floats = NDArray[np.float64]
TOLERANCE, TOLERANCE_HALF = 1e-3, 2e-2


@dataclass(frozen=True)
class Row:
    """One compared input: the class that the original gives, both probabilities of it, the largest difference."""

    label: str
    original: float
    converted: float
    difference: float


def compare(bundle: Bundle, inputs: NDArray[np.float32], answers: Floats) -> list[Row]:
    """The original's probabilities beside the bundle's, without temperature."""
    backend = open_backend(bundle)
    try:
        found = _asked(backend.runner(bundle.manifest.default_signature), inputs, backend.max_batch)
    finally:
        backend.close()
    return [_row(bundle.manifest.labels, wanted, given) for wanted, given in zip(answers, found, strict=True)]


def check(rows: list[Row], *, half: bool) -> float:
    """The largest difference. Raises Refused when it is more than what rounding explains."""
    worst, most = max(row.difference for row in rows), TOLERANCE_HALF if half else TOLERANCE
    if not worst <= most:
        raise Refused(f"the converted model differs from the original by {worst:.4f}, more than {most:g}; not imported")
    return worst


@contextmanager
def opened(bundle: Bundle, definition: ServiceDefinition) -> Iterator[Predictor]:
    """The bundle as a worker of the service has it: warm. Raises BundleError when it would not be served."""
    backend = open_backend(bundle)
    try:
        features, look = definition.features, definition.look
        predictor = Predictor(bundle, backend, features, max_pixels=DEFAULT_MAX_PIXELS, look=look)
        warm_up(bundle, predictor)
        yield predictor
    finally:
        backend.close()


def _asked(runner: Runner, inputs: NDArray[np.float32], batch: int) -> Floats:
    parts = [runner(inputs[at : at + batch])["logits"] for at in range(0, len(inputs), batch)]
    return np.stack([softmax(row, None) for row in np.concatenate(parts)])


def _row(labels: tuple[str, ...], wanted: Floats, given: Floats) -> Row:
    best = int(wanted.argmax())
    return Row(labels[best], float(wanted[best]), float(given[best]), float(np.abs(wanted - given).max()))
