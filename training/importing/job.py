"""What the two sides of the sandbox say to each other: a job in, a report out, arrays and pictures beside them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.manifest import Calibration, Conformal, Reference

Kind = Literal["hdf5", "keras", "saved_model", "tflite", "xgboost", "pickle", "checkpoint"]
Pixels = Literal["auto", "0-1", "-1-1", "0-255", "imagenet", "caffe"]
Output = Literal["auto", "logits", "softmax", "sigmoid"]
JOB, REPORT, INPUTS, ANSWERS = "job.json", "report.json", "inputs.npy", "answers.npy"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Job(_Strict):
    """To read a model. ``file`` is a path; ``samples`` lie in the scratch folder; ``classes`` counts the labels."""

    task: Literal["read"] = "read"
    kind: Kind
    file: str
    service: str
    classes: int = Field(ge=0)
    side: int | None = None
    pixels: Pixels = "auto"
    output: Output = "auto"
    half: bool = False
    samples: tuple[str, ...] = ()


class Report(_Strict):
    """``refused``, or what was written: ``weights`` for ``runtime``, and the original's ``ANSWERS`` to ``INPUTS``.

    ``size`` (height, width) and ``pixels`` of a model of pictures, ``features`` of one of numbers. ``golden`` are the
    original's probabilities of the first sample, ``numbers`` and ``golden_of_numbers`` the last input and its.
    """

    refused: str | None = None
    runtime: Literal["litert", "tensorflow", "xgboost", "torch"] = "litert"
    weights: Literal["", "model.tflite", "saved_model", "model.ubj"] = ""
    size: tuple[int, int] | None = None
    pixels: Pixels = "0-1"
    features: tuple[str, ...] | None = None
    golden: tuple[float, ...] = ()
    numbers: tuple[float, ...] = ()
    golden_of_numbers: tuple[float, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


class ProofJob(_Strict):
    """To prove the bundle at ``bundle``. ``labelled``: pictures in the scratch folder, and the index of their class."""

    task: Literal["prove"] = "prove"
    bundle: str
    service: str
    labelled: tuple[tuple[str, int], ...] = ()


class Row(_Strict):
    """One compared input: the class that the original gives, both probabilities of it, the largest difference."""

    label: str
    original: float
    converted: float
    difference: float


class Fitted(_Strict):
    """What labelled pictures taught. ``golden``: the golden input's probabilities at the new temperature."""

    calibration: Calibration
    conformal: Conformal
    reference: Reference
    golden: tuple[float, ...]
    metrics: dict[str, Any]


class Proof(_Strict):
    """``refused``, or how the bundle compares, in the service's own hands."""

    refused: str | None = None
    rows: tuple[Row, ...] = ()
    fitted: Fitted | None = None

    @property
    def largest_difference(self) -> float:
        """1, the most that there is, where nothing was compared."""
        return max((row.difference for row in self.rows), default=1.0)
