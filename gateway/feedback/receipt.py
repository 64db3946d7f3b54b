"""A small note of a prediction and of who got it: enough to take a word about it later, and no picture."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.contract import Prediction


class Receipt(BaseModel):
    """``caller``: the opaque id of who got it; ``labels``: all that the model might have said."""

    model_config = ConfigDict(protected_namespaces=(), frozen=True)

    caller: str
    request_id: str
    model: str
    model_version: str
    model_digest: str | None
    result: str | None
    decision: str
    confidence: float
    labels: tuple[str, ...]
    timestamp: datetime


def receipt_of(caller: str, prediction: Prediction) -> Receipt:
    """What is noted of ``prediction``, which ``caller`` got."""
    return Receipt(
        caller=caller,
        request_id=prediction.request_id,
        model=prediction.model,
        model_version=prediction.model_version,
        model_digest=prediction.model_digest,
        result=prediction.result,
        decision=prediction.decision,
        confidence=prediction.confidence,
        labels=tuple(prediction.probabilities),
        timestamp=prediction.timestamp,
    )
