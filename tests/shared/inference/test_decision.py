"""Three reasons for no answer, in their order; and no reason for none."""

from __future__ import annotations

import numpy as np
import pytest

from shared.definition import ClassText, ServiceDefinition
from shared.inference.decision import abstention
from shared.inference.guard import Outlier
from shared.inference.predictor import Inference

SICK = ClassText("Sick", "d", "r", "s", action="treat")
SERVICE = ServiceDefinition(
    service="toy",
    model="toy",
    title="Toy",
    accepts="One photo of a toy.",
    classes={"flu": SICK, "cold": SICK, "well": ClassText("Well", "d", "r", "s", action="none")},
)


def inference(fault: str | None = None, outlier: Outlier | None = None) -> Inference:
    return Inference("image", np.array([0.5, 0.3, 0.2]), 1.0, 1.0, fault=fault, outlier=outlier)


@pytest.mark.parametrize("likely", [None, ["flu"], ["flu", "cold"], []])
def test_what_asks_for_one_thing_to_be_done_is_told(likely: list[str] | None) -> None:
    assert abstention(SERVICE, inference(outlier=Outlier(0.49, "distance")), likely) is None


def test_what_contradicts_itself_is_not() -> None:
    told = abstention(SERVICE, inference(), ["flu", "well"])
    assert told is not None
    assert told.reason == "low_confidence"
    assert "Sick; Well" in told.description


@pytest.mark.parametrize("stage", ["modality", "distance"])
def test_a_stranger_is_told_what_the_model_takes(stage: str) -> None:
    told = abstention(SERVICE, inference(outlier=Outlier(0.5, stage)), ["flu", "well"])  # type: ignore[arg-type]
    assert told is not None
    assert told.reason == "out_of_distribution"
    assert "One photo of a toy." in told.recommendation


def test_a_bad_picture_comes_first() -> None:
    told = abstention(SERVICE, inference("The picture is blank.", Outlier(1.0, "modality")), ["flu", "well"])
    assert told is not None
    assert told.reason == "image_quality"
    assert told.description.startswith("The picture is blank.")
