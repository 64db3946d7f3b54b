"""Proves a bundle before it is served, behind the sandbox, too: run as the service does, it answers as the original."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.backends import Runner, open_backend
from shared.bundle import Bundle, open_bundle
from shared.definition import ServiceDefinition
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.inference.predictor import Predictor
from shared.inference.probabilities import softmax
from shared.service.golden import warm_up
from training.dataset import service_definition
from training.importing.job import ANSWERS, INPUTS, Proof, ProofJob, Row

Floats = NDArray[np.float64]


def prove(job: ProofJob, scratch: Path) -> Proof:
    """Compares, warms, scores where there are labelled pictures. Raises BundleError when it would not be served."""
    bundle, definition = open_bundle(Path(job.bundle)), service_definition(job.service)
    rows = _compare(bundle, np.load(scratch / INPUTS), np.load(scratch / ANSWERS))
    with _opened(bundle, definition) as predictor:
        if not job.labelled:
            return Proof(rows=tuple(rows))
        from training.importing.scored import score

        return Proof(rows=tuple(rows), fitted=score(bundle, predictor, scratch, job.labelled))


def _compare(bundle: Bundle, inputs: NDArray[np.float32], answers: Floats) -> list[Row]:
    """The original's probabilities beside the bundle's, without temperature."""
    backend = open_backend(bundle)
    try:
        found = _asked(backend.runner(bundle.manifest.default_signature), inputs, backend.max_batch)
    finally:
        backend.close()
    return [_row(bundle.manifest.labels, wanted, given) for wanted, given in zip(answers, found, strict=True)]


@contextmanager
def _opened(bundle: Bundle, definition: ServiceDefinition) -> Iterator[Predictor]:
    """The bundle as a worker of the service has it: warm."""
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
    numbers = (float(wanted[best]), float(given[best]), float(np.abs(wanted - given).max()))
    return Row(label=labels[best], original=numbers[0], converted=numbers[1], difference=numbers[2])
