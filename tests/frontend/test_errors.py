"""Every code that the API may say no with has its sentence on the page."""

from __future__ import annotations

import json

from shared.errors import DoctorAIError
from tests.conftest import REPOSITORY


def codes(cls: type[DoctorAIError] = DoctorAIError) -> set[str]:
    return {cls.code}.union(*(codes(inner) for inner in cls.__subclasses__()))


def test_each_has_its_sentence() -> None:
    for language in ("en", "ar"):
        file = REPOSITORY / "frontend" / "src" / "i18n" / language / "errors.json"
        assert codes() <= set(json.loads(file.read_text(encoding="utf-8"))), language
