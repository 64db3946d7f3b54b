"""What one line of the audit log says. There is no field for a name, a text or a picture, and none can be added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Action = Literal[
    "predict",
    "infer",
    "chat",
    "chat_forget",
    "suggest",
    "feedback",
    "feedback_export",
    "sign_in",
    "refresh",
    "sign_out",
    "user_create",
    "user_update",
    "user_delete",
    "key_create",
    "key_revoke",
    "model_activate",
    "model_rollback",
    "audit_read",
    "audit_check",
    "access",
    "start",
    "stop",
    "retention",
    "recovered",
]
Method = Literal["password", "token", "api_key", "oidc", "none"]

LONGEST = 256
"""Characters of one field; a picture or a question does not fit."""
OK = "ok"
_ABOUT_THE_LOG = ("start", "stop", "retention", "recovered")

Short = Annotated[str, Field(max_length=LONGEST)]
Digest = Annotated[str, Field(pattern=r"^[A-Za-z0-9_:=+/-]{16,256}$")]
Utc = Annotated[AwareDatetime, AfterValidator(lambda value: value.astimezone(UTC))]


def utc_now() -> datetime:
    """The clock of everything that is not a test."""
    return datetime.now(UTC)


class AuditEvent(BaseModel):
    """Something that was done or refused. A value that does not fit raises ValidationError; nothing is cut."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    time: Utc = Field(default_factory=utc_now)
    action: Action
    outcome: Annotated[str, Field(max_length=LONGEST, pattern=r"^(ok|[A-Z][A-Z0-9_]*)$")]
    subject: Short | None = Field(default=None, description="opaque id of the account, never a name")
    role: Short | None = None
    method: Method | None = None
    key_id: Short | None = None
    client: Short | None = Field(default=None, description="IP address")
    request_id: Short | None = None
    model: Short | None = None
    model_version: Short | None = None
    decision: Short | None = None
    result: Short | None = Field(default=None, description="a label of the model")
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    cached: bool | None = None
    input: Digest | None = Field(default=None, description="keyed digest of the input")
    target: Short | None = Field(default=None, description="opaque id of what the action was about")
    detail: Annotated[dict[Short, Short], Field(max_length=16)] | None = None

    @model_validator(mode="after")
    def _detail_is_of_the_log(self) -> Self:
        if self.detail is not None and self.action not in _ABOUT_THE_LOG:
            raise ValueError(f"detail: only for {', '.join(_ABOUT_THE_LOG)}")
        return self
