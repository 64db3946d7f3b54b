"""Scores a bundle through the service's own path: bytes of a file in, calibrated probabilities out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.backends.litert import LiteRTBackend
from shared.bundle import Bundle
from shared.definition import ServiceDefinition
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.inference.predictor import Predictor, Sample
from training.calibrate import coverage
from training.dataset import split_files
from training.metrics import Report, calibration_error, evaluate


@dataclass(frozen=True)
class Score:
    """``report`` with intervals, expected calibration error, and coverage and mean size of the prediction sets."""

    report: Report
    ece: float
    coverage: float
    set_size: float

    def to_dict(self) -> dict[str, Any]:
        extra = {"ece": self.ece, "set_coverage": self.coverage, "set_size": self.set_size}
        return self.report.to_dict() | {name: round(value, 4) for name, value in extra.items()}


def predict(bundle: Bundle, files: list[Path]) -> NDArray[np.float64]:
    """Probabilities (n, k), one picture at a time; the first error of a picture is raised."""
    predictor = Predictor(bundle, LiteRTBackend(bundle), {}, max_pixels=DEFAULT_MAX_PIXELS)
    name = bundle.manifest.default_signature
    rows = []
    for file in files:
        answer = predictor([Sample(name, file.read_bytes())])[0]
        if isinstance(answer, Exception):
            raise answer
        rows.append(answer.probabilities)
    return np.stack(rows)


def score_split(bundle: Bundle, data: Path, split: str, service: ServiceDefinition) -> Score:
    """All scores of ``data/<split>``."""
    files = split_files(data, split, service)
    y = np.array([index for _, index in files], np.int64)
    return score(bundle, predict(bundle, [file for file, _ in files]), y)


def score(bundle: Bundle, probabilities: NDArray[np.float64], y: NDArray[np.int64]) -> Score:
    """Scores of given probabilities against the bundle's labels and prediction-set threshold."""
    conformal = bundle.manifest.signatures[bundle.manifest.default_signature].conformal
    inside, size = coverage(probabilities, y, conformal) if conformal else (float("nan"), float("nan"))
    return Score(evaluate(y, probabilities, bundle.manifest.labels), calibration_error(y, probabilities), inside, size)
