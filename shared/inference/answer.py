"""Puts a model's probabilities into the words of the public contract."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.bundle import Bundle
from shared.contract import Prediction, Timing
from shared.definition import ServiceDefinition
from shared.inference.decision import abstention
from shared.inference.predictor import Inference
from shared.inference.probabilities import prediction_set


def make_prediction(
    definition: ServiceDefinition,
    bundle: Bundle,
    inference: Inference,
    *,
    request_id: str,
    instance: str,
    queue_ms: float,
    total_ms: float,
) -> Prediction:
    """The answer to one request, of which ``request_id``, ``queue_ms`` and ``total_ms`` (milliseconds) are part."""
    manifest = bundle.manifest
    signature = manifest.signatures[inference.signature]
    best = int(inference.probabilities.argmax())
    confidence = float(inference.probabilities[best])
    members = prediction_set(inference.probabilities, signature.conformal)
    likely = None if members is None else [manifest.labels[index] for index in members]
    label = manifest.labels[best]
    abstained = abstention(definition, inference, likely)
    told = abstained or definition.classes[label]
    return Prediction(
        request_id=request_id,
        model=definition.model,
        model_version=manifest.version,
        model_digest=bundle.digest,
        instance=instance,
        result=None if abstained else label,
        confidence=round(confidence, 4),
        probabilities={
            name: round(float(value), 4) for name, value in zip(manifest.labels, inference.probabilities, strict=True)
        },
        prediction_set=likely,
        coverage=signature.conformal.coverage if signature.conformal else None,
        decision="abstained" if abstained else "predicted",
        abstain_reason=abstained.reason if abstained else None,
        uncertainty=round(1 - confidence, 4),
        calibrated=signature.calibration is not None,
        ood_score=round(inference.outlier.score, 4) if inference.outlier else None,
        description=told.description,
        recommendation=told.recommendation,
        disclaimer=definition.about(manifest).disclaimer,
        explanation=inference.explanation,
        timing_ms=Timing(
            queue=round(queue_ms, 2),
            decode=round(inference.decode_ms, 2),
            inference=round(inference.inference_ms, 2),
            total=round(total_ms, 2),
        ),
        cached=False,
        timestamp=datetime.now(UTC),
    )
