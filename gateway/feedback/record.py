"""What is asked of a user, what is kept of it, and what is told of it again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.feedback.receipt import Receipt
from gateway.feedback.words import cleaned

Verdict = Literal["agree", "disagree", "unsure"]
LONGEST_NOTE = 2000
"""Characters."""
LONGEST_LABEL = 256
"""Characters."""
Note = Annotated[str | None, Field(max_length=LONGEST_NOTE), AfterValidator(cleaned)]


class Given(BaseModel):
    """What a user says of a prediction. There is no field for a picture, and none can be added."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    label: Annotated[str, Field(max_length=LONGEST_LABEL)] | None = Field(
        default=None, description="with `disagree`: what is right, one of the model's labels or `other`"
    )
    note: Note = Field(default=None, description="in the user's words; name no patient")


class Feedback(BaseModel):
    """What a user said (`verdict`, `label`) of what a model said (`result`, `decision`, `confidence`).

    ``user``: the opaque id of the account or key; ``predicted``: when the model said it.
    """

    model_config = ConfigDict(protected_namespaces=())

    time: datetime
    user: str
    request_id: str
    model: str
    model_version: str
    model_digest: str | None
    result: str | None
    decision: str
    confidence: float
    predicted: datetime
    verdict: Verdict
    label: str | None
    has_note: bool

    @property
    def about(self) -> bytes:
        """Whose word of which prediction: of those that are equal in this, the newest counts.

        With the time of the prediction: a client that always sends the same request id has many of them.
        """
        words = "\0".join((self.user, self.request_id, self.predicted.isoformat()))
        return hashlib.blake2b(words.encode(), digest_size=16).digest()


class Line(Feedback):
    """The same as it lies on the disk: the note is sealed."""

    sealed_note: str | None = None

    def told(self) -> Feedback:
        """Without what was sealed."""
        return Feedback.model_validate(self.model_dump(exclude={"sealed_note"}))


def feedback_of(receipt: Receipt, given: Given, label: str | None, time: datetime) -> Feedback:
    """What is to be kept, without the note."""
    return Feedback(
        time=time,
        user=receipt.caller,
        request_id=receipt.request_id,
        model=receipt.model,
        model_version=receipt.model_version,
        model_digest=receipt.model_digest,
        result=receipt.result,
        decision=receipt.decision,
        confidence=receipt.confidence,
        predicted=receipt.timestamp,
        verdict=given.verdict,
        label=label,
        has_note=given.note is not None,
    )
