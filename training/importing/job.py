"""What the two sides of the sandbox say to each other: a job in, a report out, arrays beside them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["hdf5", "keras", "saved_model", "tflite", "xgboost", "pickle", "checkpoint"]
Pixels = Literal["auto", "0-1", "-1-1", "0-255", "imagenet"]
JOB, REPORT, INPUTS, ANSWERS = "job.json", "report.json", "inputs.npy", "answers.npy"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Job(_Strict):
    """``file`` and ``samples`` lie in the scratch folder; ``classes`` is the number of labels."""

    kind: Kind
    file: str
    service: str
    classes: int = Field(ge=0)
    side: int | None = None
    pixels: Pixels = "auto"
    half: bool = False
    samples: tuple[str, ...] = ()


class Report(_Strict):
    """``refused``, or what was written: ``weights`` for ``runtime``, and the original's ``ANSWERS`` to ``INPUTS``.

    ``size`` (height, width) and ``pixels`` of a model of pictures, ``features`` of one of numbers.
    """

    refused: str | None = None
    runtime: Literal["litert", "tensorflow", "xgboost", "torch"] = "litert"
    weights: Literal["", "model.tflite", "saved_model", "model.ubj"] = ""
    size: tuple[int, int] | None = None
    pixels: Pixels = "0-1"
    features: tuple[str, ...] | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
