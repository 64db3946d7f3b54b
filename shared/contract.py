"""The public contract of a prediction, as the services give it and the gateway passes it on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

AbstainReason = Literal["out_of_distribution", "low_confidence", "image_quality"]


class Timing(BaseModel):
    """Milliseconds. ``total`` is measured by whoever answers: the gateway's covers the way to the service too."""

    queue: float
    decode: float
    inference: float
    total: float


class Explanation(BaseModel):
    """Why the model says so. A hint for a person who looks at the picture, no proof of anything.

    ``cam``: where the model looked, a PNG of the upload's aspect ratio to lay over it, clear where nothing spoke for
    ``target``. ``shap``: what each number added to the log-odds of ``target``, and what they were before any.
    """

    method: Literal["cam", "shap"]
    target: str = Field(description="the label that is explained: the most probable one")
    image_png_base64: str | None = None
    contributions: dict[str, float] | None = None
    baseline: float | None = None


class Prediction(BaseModel):
    """One prediction. A field that the bundle has no data for is null: never a number that was not measured."""

    model_config = ConfigDict(protected_namespaces=())

    request_id: str
    model: str
    model_version: str
    model_digest: str | None = Field(default=None, description="SHA-256 of the bundle's manifest")
    instance: str
    result: str | None = Field(description="the label; null when the model abstains")
    confidence: float = Field(ge=0, le=1)
    probabilities: dict[str, float]
    prediction_set: list[str] | None = Field(description="holds the truth with probability `coverage`")
    coverage: float | None
    decision: Literal["predicted", "abstained"]
    abstain_reason: AbstainReason | None
    uncertainty: float = Field(ge=0, le=1, description="1 − confidence")
    calibrated: bool
    ood_score: float | None
    description: str
    recommendation: str
    disclaimer: str
    explanation: Explanation | None
    timing_ms: Timing
    cached: bool
    timestamp: datetime


class OodScore(BaseModel):
    """How strange a picture is to one model: null for a bundle without a gate, to which no picture is plausible."""

    model_config = ConfigDict(protected_namespaces=())

    model: str
    model_version: str
    ood_score: float | None = Field(ge=0, le=1)
    plausible: bool


class Suggestion(BaseModel):
    """``plausible``: the model would not refuse the picture as out of its distribution."""

    model: str
    ood_score: float | None = Field(ge=0, le=1, description="null for a bundle without a gate, which cannot tell")
    plausible: bool


class Suggestions(BaseModel):
    """Which models a picture may be for, the best first; ``unavailable``: those that could not be asked."""

    request_id: str
    suggestions: list[Suggestion]
    unavailable: list[str]
    timestamp: datetime


Language = Literal["en", "ar"]
Urgency = Literal["emergency", "urgent", "routine", "none"]
ChatKind = Literal["answer", "emergency", "clarify", "refusal", "smalltalk"]
LONGEST_MESSAGE = 4000
"""Characters of one chat message."""
SESSION_ID = r"^[A-Za-z0-9_\-]{8,64}$"


class ChatTurn(BaseModel):
    """One earlier message of a conversation that the caller keeps itself."""

    role: Literal["user", "assistant", "system", "developer", "tool"]
    content: str = Field(max_length=LONGEST_MESSAGE)


class ChatRequest(BaseModel):
    """One message. ``history`` is for callers that keep the conversation themselves; with it no session is read."""

    message: str = Field(max_length=LONGEST_MESSAGE)
    session_id: str | None = Field(default=None, pattern=SESSION_ID)
    language: Language | None = Field(default=None, description="of the answer; the message's own without it")
    history: list[ChatTurn] | None = Field(default=None, max_length=10)


class ChatSource(BaseModel):
    """What an answer rests on: a topic of the knowledge base and the public reference behind it."""

    title: str
    topic: str
    reference: str


class ChatAnswer(BaseModel):
    """One answer. ``confidence``: how probable it is that the topic is the right one; 1 where no topic was looked for.

    ``generated`` is true when a language model worded it from the sources, false when it is the sources' own text.
    """

    model_config = ConfigDict(protected_namespaces=())

    request_id: str
    session_id: str
    response: str
    language: Language
    kind: ChatKind
    confidence: float = Field(ge=0, le=1)
    red_flag: bool
    urgency: Urgency
    sources: list[ChatSource]
    generated: bool
    disclaimer: str
    model_version: str
    instance: str
    timing_ms: float
    timestamp: datetime
