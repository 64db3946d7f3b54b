"""How a readable picture of a kind measures: the limits of the quality gate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.definition import Look
from shared.imaging.intake import decode_image
from shared.imaging.quality import Quality, measure
from shared.manifest import QualityLimits
from training.gate.gallery import seen

_SHORTEST = 64  # pixels: below that even the coarsest finding is gone
_RARE = 0.002  # of training pictures and their disturbed copies, beyond a limit before the slack
_SLACK = 0.15  # of the way from the usual picture on, or to the end of the scale


def measured(uploads: Sequence[bytes], look: Look | None) -> list[Quality]:
    """Of each encoded picture, as serving measures it."""
    return [measure(seen(data, look), decode_image(data).size) for data in uploads]


def fit_quality(found: Sequence[Quality], split: str) -> QualityLimits:
    """Limits that refuse no picture like these; beyond them lie the blank, the black, the blurred and the framed."""
    return QualityLimits(
        shortest_side=_SHORTEST,
        contrast=_low([one.contrast for one in found]),
        sharpness=_low([one.sharpness for one in found]),
        dark=_high([one.dark for one in found]),
        bright=_high([one.bright for one in found]),
        border=_high([one.border for one in found]),
        fitted_on=split,
        samples=len(found),
    )


def _low(values: Sequence[float]) -> float:
    return round(float(np.quantile(values, _RARE)) * (1 - _SLACK), 4)


def _high(values: Sequence[float]) -> float:
    rare = float(np.quantile(values, 1 - _RARE))
    return round(rare + (1.0 - rare) * _SLACK, 4)
