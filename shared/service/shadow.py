"""Lets another version compute along with the one that answers, and counts how often they differ.

Nobody waits for it: a comparison is begun only when the other version's workers have nothing to do, and is dropped and
counted otherwise.
"""

from __future__ import annotations

import asyncio
from typing import Literal

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.errors import DoctorAIError
from shared.inference.predictor import Inference, Sample
from shared.logs import get_logger
from shared.service.served import LoadedModel

_log = get_logger(__name__)
Outcome = Literal["agree", "disagree", "dropped", "error"]
_PATIENCE_S = 10.0
_DISTANCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


class Comparisons:
    """Background comparisons of a service's versions, and their metrics."""

    def __init__(self, model: str, registry: CollectorRegistry) -> None:
        self._model = model
        self._running: set[asyncio.Task[None]] = set()
        self._outcomes = Counter(
            "inference_comparisons",
            "Inputs that a second version computed, too, by how its answer compares",
            ["model", "answered", "compared", "outcome"],
            registry=registry,
        )
        self._distance = Histogram(
            "inference_comparison_distance",
            "Total variation distance of two versions' probabilities",
            ["model", "answered", "compared"],
            buckets=_DISTANCES,
            registry=registry,
        )

    def begin(self, answered: LoadedModel, inference: Inference, other: LoadedModel, sample: Sample) -> None:
        """Compares what ``answered`` said with what ``other`` says; returns at once."""
        if other.pool.waiting or other.pool.busy >= other.pool.size or len(self._running) >= other.pool.size:
            self._count(answered, other, "dropped")
            return
        task = asyncio.create_task(self._compare(answered, inference, other, sample))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drain(self) -> None:
        """Returns when no comparison runs."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def forget(self, version: str) -> None:
        """Drops the series of a version."""
        for metric in (self._outcomes, self._distance):
            metric.remove_by_labels({"answered": version})
            metric.remove_by_labels({"compared": version})

    async def _compare(self, answered: LoadedModel, inference: Inference, other: LoadedModel, sample: Sample) -> None:
        try:
            done = await other.pool.run(
                Sample(sample.signature, sample.payload), group=sample.signature, timeout_s=_PATIENCE_S
            )
        except Exception as error:  # noqa: BLE001 - also of a version without that signature: nobody waits for it
            if not isinstance(error, DoctorAIError):
                _log.warning("comparison_failed", version=other.version, error=type(error).__name__)
            self._count(answered, other, "error")
            return
        first_labels, labels = answered.bundle.manifest.labels, other.bundle.manifest.labels
        same = first_labels[int(inference.probabilities.argmax())] == labels[int(done.result.probabilities.argmax())]
        self._count(answered, other, "agree" if same else "disagree")
        if first_labels == labels:
            distance = float(np.abs(inference.probabilities - done.result.probabilities).sum()) / 2
            self._distance.labels(self._model, answered.version, other.version).observe(distance)

    def _count(self, answered: LoadedModel, other: LoadedModel, outcome: Outcome) -> None:
        self._outcomes.labels(self._model, answered.version, other.version, outcome).inc()
