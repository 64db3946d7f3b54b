"""One worker's way from uploads to what a model says of them: read, run, soften, doubt, explain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.backends import Backend, Outputs, Runner
from shared.bundle import Bundle
from shared.contract import Explanation
from shared.definition import FeatureExtractors, Look
from shared.errors import BundleError
from shared.imaging.quality import Quality, fault, measure
from shared.inference.explain import explain
from shared.inference.guard import Guard, Outlier, open_guard
from shared.inference.prepare import Payload, Prepare, Prepared, preparation
from shared.inference.probabilities import softmax
from shared.manifest import Signature
from shared.tracing.stage import Stage


@dataclass(frozen=True)
class Sample:
    """What to predict: the bytes of a picture, or the numbers of a tabular signature; ``explain``: and why."""

    signature: str
    payload: Payload
    explain: bool = False


@dataclass(frozen=True)
class Inference:
    """What the model said of one sample. ``probabilities`` has shape ``(classes,)``, float64.

    ``quality`` is None where there is no picture, ``fault`` what is wrong with it, in words; ``outlier`` is None where
    the bundle has no gate. ``stages``: when the work was done; ``inference`` ends after that on the batch's earlier
    samples, which ``inference_ms`` leaves out.
    """

    signature: str
    probabilities: NDArray[np.float64]
    decode_ms: float
    inference_ms: float
    stages: tuple[Stage, ...] = ()
    quality: Quality | None = None
    fault: str | None = None
    outlier: Outlier | None = None
    explanation: Explanation | None = None

    @property
    def traits(self) -> dict[str, float]:
        """What is watched for drift: numbers that say how the pictures and the answers are."""
        found = {"confidence": float(self.probabilities.max())}
        if self.quality:
            found |= {name: getattr(self.quality, name) for name in ("brightness", "contrast", "sharpness")}
        return found | ({"ood_score": self.outlier.score} if self.outlier else {})


@dataclass(frozen=True)
class _Part:
    """All that a worker has for one signature."""

    name: str
    signature: Signature
    runner: Runner
    prepare: Prepare
    guard: Guard | None


class Predictor:
    """Owns one runner for each signature of a bundle; used by one thread."""

    def __init__(
        self,
        bundle: Bundle,
        backend: Backend,
        features: FeatureExtractors,
        *,
        max_pixels: int,
        look: Look | None = None,
    ) -> None:
        self._labels = bundle.manifest.labels
        self._parts = {
            name: _Part(
                name,
                signature,
                backend.runner(name),
                preparation(signature, features, max_pixels, look),
                open_guard(bundle, name),
            )
            for name, signature in bundle.manifest.signatures.items()
        }

    def __call__(self, samples: Sequence[Sample]) -> Sequence[Inference | Exception]:
        """Samples of one signature → an Inference, or the reason there is none, for each."""
        part = self._parts[samples[0].signature]
        prepared = [_timed(part.prepare, sample.payload) for sample in samples]
        good = [item.numbers for item, _ in prepared if isinstance(item, Prepared)]
        if not good:
            return [item for item, _ in prepared if isinstance(item, Exception)]
        started = time.perf_counter()
        outputs = _run(part.runner, np.stack(good))
        rows = iter({name: array[at] for name, array in outputs.items()} for at in range(len(good)))
        run = Stage("inference", started, time.perf_counter())
        return [
            item if isinstance(item, Exception) else self._inference(part, sample, item, next(rows), (decode, run))
            for sample, (item, decode) in zip(samples, prepared, strict=True)
        ]

    def _inference(
        self, part: _Part, sample: Sample, prepared: Prepared, outputs: Outputs, stages: tuple[Stage, Stage]
    ) -> Inference | Exception:
        if not np.isfinite(outputs["logits"]).all():  # of this sample alone: the others of its batch are answered
            return BundleError("the model gave numbers that are not finite")
        started = time.perf_counter()
        probabilities = softmax(outputs["logits"], part.signature.calibration)
        best = int(probabilities.argmax())
        outlier = _outlier(part.guard, prepared, probabilities)
        why = explain(part.runner, outputs, prepared, part.signature, self._labels, best) if sample.explain else None
        quality = measure(prepared.picture, prepared.size) if prepared.picture and prepared.size else None
        limits, (decode, run), ended = part.signature.quality, stages, time.perf_counter()
        return Inference(
            part.name,
            probabilities,
            decode_ms=decode.ms,
            inference_ms=run.ms + (ended - started) * 1000,
            stages=(decode, Stage("inference", run.began, ended)),
            quality=quality,
            fault=fault(quality, limits) if quality and limits else None,
            outlier=outlier,
            explanation=why,
        )


def _run(runner: Runner, batch: NDArray[np.float32]) -> Outputs:
    outputs = runner(batch)
    answers = outputs["logits"].shape[0]
    if answers != len(batch):
        raise BundleError(f"the model gave {answers} answers to {len(batch)} samples")
    return outputs


def _outlier(guard: Guard | None, prepared: Prepared, probabilities: NDArray[np.float64]) -> Outlier | None:
    return guard(prepared.picture, probabilities) if guard and prepared.picture else None


def _timed(prepare: Prepare, payload: Payload) -> tuple[Prepared | Exception, Stage]:
    started = time.perf_counter()
    try:
        result: Prepared | Exception = prepare(payload)
    except Exception as error:  # noqa: BLE001 - one bad picture must not fail the others of its batch
        result = error
    return result, Stage("decode", started, time.perf_counter())
