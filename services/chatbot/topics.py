"""The knowledge base: one YAML file a topic under ``knowledge/``, in English and Arabic, for a clinician to edit."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.contract import Language
from shared.errors import BundleError

__all__ = ["KNOWLEDGE", "LANGUAGES", "SECTIONS", "Language", "Text", "Topic", "read_topic", "read_topics"]

LANGUAGES: tuple[Language, ...] = ("en", "ar")
SECTIONS = ("what", "causes", "symptoms", "self_care", "prevention", "seek_care", "models")
KNOWLEDGE = Path(__file__).resolve().parent / "knowledge"

_Words = Annotated[str, Field(min_length=20, max_length=1200)]
_Phrases = Annotated[tuple[str, ...], Field(min_length=2, max_length=24)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Text(_Strict):
    """One language of a topic. ``models``: what a result of DoctorAI's models means here, and what it does not."""

    title: str = Field(min_length=2, max_length=80)
    aliases: tuple[str, ...] = Field(default=(), max_length=12, description="other names, also everyday ones")
    questions: _Phrases = Field(description="how people ask about it")
    what: _Words
    causes: _Words | None = None
    symptoms: _Words | None = None
    self_care: _Words | None = None
    prevention: _Words | None = None
    seek_care: _Words = Field(description="when to see a clinician, and when to call an ambulance")
    models: _Words | None = None

    def sections(self) -> dict[str, str]:
        """The sections that are there, in reading order."""
        return {name: text for name in SECTIONS if (text := getattr(self, name))}


class Topic(_Strict):
    """One topic. ``urgency``: how soon somebody who has it should be seen, when no red flag is there."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["condition", "guide"]
    category: str = Field(pattern=r"^[a-z][a-z_]*$")
    urgency: Literal["urgent", "routine", "none"]
    models: tuple[Literal["lung_colon", "monkeypox", "tumor", "xray", "palm_disease"], ...] = ()
    references: tuple[str, ...] = Field(min_length=1, max_length=6)
    reviewed: date
    en: Text
    ar: Text

    @model_validator(mode="after")
    def _whole(self) -> Topic:
        if self.en.sections().keys() != self.ar.sections().keys():
            raise ValueError("the two languages do not have the same sections")
        if self.kind == "condition" and not (self.en.symptoms and self.en.self_care):
            raise ValueError("a condition needs symptoms and self_care")
        if bool(self.models) != bool(self.en.models):
            raise ValueError("`models` and the `models` section go together")
        return self

    def text(self, language: Language) -> Text:
        """The topic in one language."""
        return self.en if language == "en" else self.ar


def read_topic(path: Path) -> Topic:
    """One file. Raises BundleError naming the file and what is wrong with it."""
    try:
        topic = Topic.model_validate(_load(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"knowledge/{path.name}: {where or 'topic'}: {first['msg']}") from error
    if topic.id != path.stem:
        raise BundleError(f"knowledge/{path.name}: its id is '{topic.id}'")
    return topic


def read_topics(folder: Path = KNOWLEDGE) -> tuple[Topic, ...]:
    """Every topic of ``folder``, by id. Raises BundleError when one is not valid or there is none."""
    topics = tuple(read_topic(path) for path in sorted(folder.glob("*.yaml")))
    if not topics:
        raise BundleError("the knowledge base is empty")
    return topics


def _load(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both loaders are safe ones
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BundleError(f"knowledge/{path.name} cannot be read: {error}") from error
