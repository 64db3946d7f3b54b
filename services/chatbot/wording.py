"""What the chatbot says beside the knowledge base: refusals, emergencies, headings, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from services.chatbot.topics import LANGUAGES, Language

_FILE = Path(__file__).resolve().parent / "rules" / "wording.yaml"


class Wording(BaseModel):
    """One language; the fields are the keys of ``rules/wording.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    disclaimer: str
    call: str
    call_number: str
    emergency: str
    suspected: str
    suicide: str
    unknown: str
    suggest: str
    if_now: str
    empty: str
    foreign: str
    injection: str
    personal_data: str
    picture_diagnosis: str
    prescription: str
    dosage: str
    greeting: str
    thanks: str
    goodbye: str
    headings: Mapping[str, str]
    sources: str

    def urgent(self, kind: str, number: str | None) -> str:
        """The text of "emergency", "suspected", "suicide" or "if_now" with the number to call, when one is known."""
        call = self.call_number.format(number=number) if number else self.call
        return str(getattr(self, kind)).format(call=call)


def read_wording(path: Path = _FILE) -> dict[Language, Wording]:
    """Both languages. Raises ValidationError when a text is missing."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {language: Wording.model_validate(raw[language]) for language in LANGUAGES}
