"""Instances and predictions made up for tests of the gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.contract import Prediction, Timing
from shared.registry import Instance


def instance(identifier: str = "xray-1", **changes: Any) -> Instance:
    values: dict[str, Any] = {
        "id": identifier,
        "service": "xray",
        "model": "xray",
        "address": f"http://{identifier}",
        "version": "1.0.0",
        "ready": True,
        "last_seen": datetime.now(UTC),
    }
    return Instance(**{**values, **changes})


def prediction(model: str = "xray") -> Prediction:
    return Prediction(
        request_id="r" * 8,
        model=model,
        model_version="1.0.0",
        instance="xray-1",
        result="normal",
        confidence=0.9,
        probabilities={"normal": 0.9, "pneumonia": 0.1},
        prediction_set=["normal"],
        coverage=0.9,
        decision="predicted",
        abstain_reason=None,
        uncertainty=0.1,
        calibrated=True,
        ood_score=None,
        description="d",
        recommendation="r",
        disclaimer="x",
        explanation=None,
        timing_ms=Timing(queue=0, decode=0, inference=0, total=0),
        cached=False,
        timestamp=datetime.now(UTC),
    )
