"""Proves a bundle before it is served, behind the sandbox, too: run as the service does, it answers as the original."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.backends import Runner, open_backend
from shared.bundle import Bundle, open_bundle
from shared.service.golden import warm_up
from training.importing.job import ANSWERS, INPUTS, Proof, ProofJob, Row
from training.importing.network import probabilities
from training.worker import predictor

Floats = NDArray[np.float64]


def prove(job: ProofJob, scratch: Path) -> Proof:
    """Compares, warms, scores where there are labelled pictures. Raises BundleError when it would not be served."""
    bundle = open_bundle(Path(job.bundle))
    rows = _compare(bundle, np.load(scratch / INPUTS), np.load(scratch / ANSWERS))
    with predictor(bundle, job.service) as predict:
        warm_up(bundle, predict)
        if not job.labelled:
            return Proof(rows=tuple(rows))
        from training.importing.scored import score

        return Proof(rows=tuple(rows), fitted=score(bundle, predict, scratch, job.labelled))


def _compare(bundle: Bundle, inputs: NDArray[np.float32], answers: Floats) -> list[Row]:
    """The original's probabilities beside the bundle's, without temperature."""
    backend = open_backend(bundle)
    try:
        found = _asked(backend.runner(bundle.manifest.default_signature), inputs, backend.max_batch)
    finally:
        backend.close()
    return [_row(bundle.manifest.labels, wanted, given) for wanted, given in zip(answers, found, strict=True)]


def _asked(runner: Runner, inputs: NDArray[np.float32], batch: int) -> Floats:
    parts = [runner(inputs[at : at + batch])["logits"] for at in range(0, len(inputs), batch)]
    return probabilities(np.concatenate(parts), "logits")


def _row(labels: tuple[str, ...], wanted: Floats, given: Floats) -> Row:
    best = int(wanted.argmax())
    numbers = (float(wanted[best]), float(given[best]), float(np.abs(wanted - given).max()))
    return Row(label=labels[best], original=numbers[0], converted=numbers[1], difference=numbers[2])
