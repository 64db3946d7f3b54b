"""One prediction inside a service, whatever protocol asked for it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from shared.contract import Prediction
from shared.definition import ServiceDefinition
from shared.errors import DoctorAIError, ValidationFailed
from shared.http.context import request_id
from shared.http.deadline import Deadline
from shared.inference.answer import make_prediction
from shared.inference.predictor import Inference, Sample
from shared.manifest import Manifest, TabularInput
from shared.service.host import ModelHost
from shared.service.loader import LoadedModel
from shared.service.metrics import PredictionMetrics


class PredictionService:
    """The data plane behind every protocol: a payload in, a Prediction out, counted."""

    def __init__(
        self,
        definition: ServiceDefinition,
        host: ModelHost[LoadedModel],
        metrics: PredictionMetrics,
        instance_id: str,
    ) -> None:
        self._definition = definition
        self._host = host
        self._metrics = metrics
        self._instance_id = instance_id
        self.in_flight = 0

    async def image(self, data: bytes, deadline: Deadline, *, explain: bool = False) -> Prediction:
        """Predicts a picture that has passed the check of its magic bytes; ``explain``: says why, too."""
        model = self._require()
        sample = Sample(model.bundle.manifest.default_signature, data, explain)
        return await self._predict(model, sample, deadline)

    async def numbers(self, values: Sequence[float], deadline: Deadline, *, explain: bool = False) -> Prediction:
        """Predicts from the numbers of the bundle's tabular signature. Raises ValidationFailed naming the number."""
        model = self._require()
        name, spec = _tabular(model.bundle.manifest)
        return await self._predict(model, Sample(name, check_numbers(values, spec), explain), deadline)

    def _require(self) -> LoadedModel:
        try:
            return self._host.require()
        except DoctorAIError as error:
            self._metrics.outcome(error.code.lower())
            raise

    async def _predict(self, model: LoadedModel, sample: Sample, deadline: Deadline) -> Prediction:
        started = time.perf_counter()
        self.in_flight += 1
        outcome = "abandoned"
        try:
            inference, queue_ms = await self._run(model, sample, deadline)
            prediction = make_prediction(
                self._definition,
                model.bundle,
                inference,
                request_id=request_id(),
                instance=self._instance_id,
                queue_ms=queue_ms,
                total_ms=(time.perf_counter() - started) * 1000,
            )
        except Exception as error:
            outcome = error.code.lower() if isinstance(error, DoctorAIError) else "internal_error"
            raise
        else:
            self._metrics.predicted(prediction)
            outcome = ""
            return prediction
        finally:
            self.in_flight -= 1
            if outcome:
                self._metrics.outcome(outcome)

    async def _run(self, model: LoadedModel, sample: Sample, deadline: Deadline) -> tuple[Inference, float]:
        deadline.check()
        return await model.pool.run(sample, group=sample.signature, timeout_s=deadline.left)


def _tabular(manifest: Manifest) -> tuple[str, TabularInput]:
    for name, signature in manifest.signatures.items():
        if isinstance(signature.input, TabularInput):
            return name, signature.input
    raise ValidationFailed(f"body: {manifest.model} takes an image, not numbers.")


def check_numbers(values: Sequence[float], spec: TabularInput) -> tuple[float, ...]:
    """``values`` when they are as many as ``spec`` names and each in its range; else ValidationFailed."""
    if len(values) != len(spec.names):
        raise ValidationFailed(f"body: {len(values)} numbers; {len(spec.names)} are wanted: {', '.join(spec.names)}.")
    for name, value in zip(spec.names, values, strict=True):
        if not spec.minimum <= value <= spec.maximum:  # false for NaN, too
            raise ValidationFailed(f"body.{name}: {value} is not in {spec.minimum:g}…{spec.maximum:g}.")
    return tuple(values)
