"""The public contract of a prediction, as the services give it and the gateway passes it on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

AbstainReason = Literal["out_of_distribution", "low_confidence", "image_quality"]


class Timing(BaseModel):
    """Milliseconds. ``total`` is measured by whoever answers: the gateway's covers the way to the service too."""

    queue: float
    decode: float
    inference: float
    total: float


class Explanation(BaseModel):
    """Where the model looked: a PNG overlay of the upload's aspect ratio."""

    method: str
    image_png_base64: str


class Prediction(BaseModel):
    """One prediction. A field that the bundle has no data for is null: never a number that was not measured."""

    model_config = ConfigDict(protected_namespaces=())

    request_id: str
    model: str
    model_version: str
    instance: str
    result: str | None = Field(description="the label; null when the model abstains")
    confidence: float = Field(ge=0, le=1)
    probabilities: dict[str, float]
    prediction_set: list[str] | None = Field(description="holds the truth with probability `coverage`")
    coverage: float | None
    decision: Literal["predicted", "abstained"]
    abstain_reason: AbstainReason | None
    uncertainty: float = Field(ge=0, le=1, description="1 − confidence")
    calibrated: bool
    ood_score: float | None
    description: str
    recommendation: str
    disclaimer: str
    explanation: Explanation | None
    timing_ms: Timing
    cached: bool
    timestamp: datetime
