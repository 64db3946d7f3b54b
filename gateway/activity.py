"""How busy the models were in the last hour, minute by minute."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

STEP_S = 60


class Point(BaseModel):
    """One minute, or what there is of it yet. Times are of the answers, and of the system's own errors."""

    at: datetime = Field(description="when it began")
    requests: int
    errors: int = Field(description="those that failed by the system's doing")
    p50_ms: float | None
    p95_ms: float | None


class Activity(BaseModel):
    """Of this gateway process alone, oldest first."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    step_s: int = STEP_S
    models: dict[str, list[Point]]
