"""The page translates what the services say: its English must be theirs, word for word."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from shared.definition import ServiceDefinition
from shared.disclaimer import DISCLAIMER
from shared.imaging.quality import Quality, fault
from shared.inference.decision import Abstention, abstention
from shared.inference.guard import Outlier
from shared.inference.predictor import Inference
from shared.manifest import QualityLimits
from tests.conftest import REPOSITORY

SERVICES = ("tumor", "xray", "monkeypox", "lung_colon", "palm")
GOOD = Quality(shortest_side=500, brightness=100, contrast=60, sharpness=1, dark=0, bright=0, border=0)
FITTED: dict[str, Any] = {"fitted_on": "val", "samples": 1}
LIMITS = QualityLimits(shortest_side=64, contrast=5, dark=0.9, bright=0.9, border=0.9, sharpness=0.1, **FITTED)


def definition(service: str) -> ServiceDefinition:
    found: ServiceDefinition = import_module(f"services.{service}.definition").SERVICE
    return found


@pytest.fixture(scope="module")
def english() -> dict[str, Any]:
    file = REPOSITORY / "frontend" / "src" / "i18n" / "en" / "texts.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def test_no_other_model_is_in_it(english: dict[str, Any]) -> None:
    assert set(english) == {"common", *(definition(service).model for service in SERVICES)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_models_own_texts(english: dict[str, Any], service: str) -> None:
    own = definition(service)
    classes = {
        label: {"title": text.title, "description": text.description, "recommendation": text.recommendation}
        for label, text in own.classes.items()
    }
    assert english[own.model] == {"accepts": own.accepts, "notice": own.notice, "classes": classes}


def test_what_a_model_is_not_for_and_its_limits_are_in_arabic() -> None:
    file = REPOSITORY / "frontend" / "src" / "i18n" / "ar" / "cards.json"
    arabic: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    all_of = [definition(service) for service in (*SERVICES, "chatbot")]
    assert set(arabic) == {sentence for one in all_of for sentence in (*one.not_for, *one.limits)}
    assert all(re.search("[\u0600-\u06ff]", translation) for translation in arabic.values())


def test_the_disclaimer(english: dict[str, Any]) -> None:
    assert english["common"]["disclaimer"] == DISCLAIMER


@pytest.mark.parametrize(
    ("name", "quality"),
    [
        ("small", replace(GOOD, shortest_side=7)),
        ("blank", replace(GOOD, contrast=0)),
        ("dark", replace(GOOD, dark=1)),
        ("bright", replace(GOOD, bright=1)),
        ("border", replace(GOOD, border=1)),
        ("blurred", replace(GOOD, sharpness=0)),
    ],
)
def test_what_is_wrong_with_a_picture(english: dict[str, Any], name: str, quality: Quality) -> None:
    said = english["common"][name].replace("{{side}}", "7").replace("{{needed}}", "64")
    assert fault(quality, LIMITS) == said


def test_why_there_is_no_answer(english: dict[str, Any]) -> None:
    common, own = english["common"], definition("tumor")
    both = f"{own.classes['glioma'].title}; {own.classes['no_tumor'].title}"
    undecided = _abstained(own)
    assert undecided.description == common["undecided"].replace("{{titles}}", both)
    assert undecided.recommendation == f"{common['somebody']} {common['ask']}"
    bad = _abstained(own, fault="The picture is too dark.")
    assert bad.description == f"{common['dark']} {common['unanswered']}"
    assert bad.recommendation == f"{common['better']} {common['ask']}"
    for stage in ("modality", "distance"):
        strange = _abstained(own, outlier=Outlier(score=1.0, stage=stage))
        assert strange.description == f"{common[stage]} {common['unanswered']}"
        assert strange.recommendation == f"{own.accepts} {common['ask']}"


def _abstained(own: ServiceDefinition, **found: Any) -> Abstention:
    inference = Inference("image", np.array([0.5, 0.5]), decode_ms=0, inference_ms=0, **found)
    answer = abstention(own, inference, ["glioma", "no_tumor"])
    assert answer is not None
    return answer
