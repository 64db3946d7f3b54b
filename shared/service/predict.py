"""One prediction inside a service, whatever protocol asked for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.contract import OodScore, Prediction
from shared.definition import ServiceDefinition
from shared.errors import DoctorAIError, ValidationFailed
from shared.http.context import request_id
from shared.http.deadline import Deadline
from shared.inference.answer import make_prediction
from shared.inference.pool import Done, PoolClosed
from shared.inference.predictor import Inference, Sample
from shared.inference.prepare import Payload
from shared.manifest import Manifest, TabularInput
from shared.service.host import ModelHost
from shared.service.prediction_metrics import PredictionMetrics
from shared.service.served import LoadedModel, Served
from shared.tracing.trace import NONE, Attributes, add_span, note_model

MakeSample = Callable[[Manifest], Sample]


class _Run(NamedTuple):
    """An inference, and of what it was made."""

    served: Served
    model: LoadedModel
    sample: Sample
    done: Done[Inference]


class PredictionService:
    """The data plane behind every protocol: a payload in, a Prediction out, counted."""

    def __init__(
        self,
        definition: ServiceDefinition,
        host: ModelHost[Served],
        metrics: PredictionMetrics,
        instance_id: str,
    ) -> None:
        self._definition = definition
        self._host = host
        self._metrics = metrics
        self._instance_id = instance_id
        self.in_flight = 0

    async def image(
        self, data: bytes, deadline: Deadline, *, explain: bool = False, active: bool = False
    ) -> Prediction:
        """Predicts a picture that has passed the check of its magic bytes.

        ``explain``: says why, too. ``active``: by the active version, never by a canary.
        """
        return await self._predict(
            data, lambda manifest: Sample(manifest.default_signature, data, explain), deadline, active=active
        )

    async def numbers(
        self, values: Sequence[float], deadline: Deadline, *, explain: bool = False, active: bool = False
    ) -> Prediction:
        """Predicts from the numbers of the bundle's tabular signature. Raises ValidationFailed naming the number."""

        def sample(manifest: Manifest) -> Sample:
            name, spec = _tabular(manifest)
            return Sample(name, check_numbers(values, spec), explain)

        return await self._predict(tuple(values), sample, deadline, active=active)

    async def ood_score(self, data: bytes, deadline: Deadline) -> OodScore:
        """How strange a picture is to the active version's gate; null without a gate.

        No prediction: it is in no metric of predictions, is not watched for drift, and goes to no shadow.
        """
        served = self._host.require()
        manifest = served.bundle.manifest
        if manifest.signatures[manifest.default_signature].guard is None:
            return OodScore(model=manifest.model, model_version=manifest.version, ood_score=None, plausible=False)
        self.in_flight += 1
        try:
            run = await self._run(
                served, data, lambda manifest: Sample(manifest.default_signature, data), deadline, active=True
            )
        finally:
            self.in_flight -= 1
        outlier = run.done.result.outlier
        return OodScore(
            model=manifest.model,
            model_version=run.model.version,
            ood_score=outlier.score if outlier else None,
            plausible=outlier is not None and not outlier.refused,
        )

    def _require(self) -> Served:
        try:
            return self._host.require()
        except DoctorAIError as error:
            self._metrics.outcome(error.code.lower())
            raise

    async def _predict(self, payload: Payload, make: MakeSample, deadline: Deadline, *, active: bool) -> Prediction:
        started = time.perf_counter()
        note_model(self._definition.model)
        served = self._require()
        self.in_flight += 1
        outcome = "abandoned"
        try:
            model, done = await self._infer(served, payload, make, deadline, active=active)
            prediction = make_prediction(
                self._definition,
                model.bundle,
                done.result,
                request_id=request_id(),
                instance=self._instance_id,
                queue_ms=done.queue_ms,
                total_ms=(time.perf_counter() - started) * 1000,
            )
        except Exception as error:
            outcome = error.code.lower() if isinstance(error, DoctorAIError) else "internal_error"
            raise
        else:
            self._metrics.predicted(prediction)
            _trace(done, prediction)
            outcome = ""
            return prediction
        finally:
            self.in_flight -= 1
            if outcome:
                self._metrics.outcome(outcome)

    async def _infer(
        self, served: Served, payload: Payload, make: MakeSample, deadline: Deadline, *, active: bool
    ) -> tuple[LoadedModel, Done[Inference]]:
        """Who answered, what it said, and when."""
        run = await self._run(served, payload, make, deadline, active=active)
        self._watch(run.served, run.model, run.sample, run.done.result)
        return run.model, run.done

    async def _run(
        self, served: Served, payload: Payload, make: MakeSample, deadline: Deadline, *, active: bool
    ) -> _Run:
        while True:
            model = served.active if active else served.choose(payload)
            sample = make(model.bundle.manifest)
            deadline.check()
            try:
                done = await model.pool.run(sample, group=sample.signature, timeout_s=deadline.left)
            except PoolClosed:
                # replaced between being chosen and being asked: nothing is lost, the next one is asked
                previous, served = served, self._host.require()
                if served is previous:  # it is no roll, it is the end
                    raise
                continue
            return _Run(served, model, sample, done)

    def _watch(self, served: Served, model: LoadedModel, sample: Sample, inference: Inference) -> None:
        """What is learnt from an answer, apart from the answer."""
        if model.drift:
            model.drift.add(inference)
        # a canary is compared with the active version, and the active one with its shadow
        other = served.active if model is served.canary else served.shadow
        if other and other is not model:
            self._metrics.comparisons.begin(model, inference, other, sample)


def _trace(done: Done[Inference], prediction: Prediction) -> None:
    """The stages as spans, with the times at which they were."""
    add_span("queue", done.queued, done.taken)
    about: Attributes = {
        "doctorai.batch.size": done.batch,
        "doctorai.model.version": prediction.model_version,
        "doctorai.decision": prediction.decision,
    }
    for stage in done.result.stages:
        add_span(*stage, about if stage.name == "inference" else NONE)


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
