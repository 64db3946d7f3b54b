"""A line of the audit log as an administrator sees it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.audit.event import Action, Method


class AuditEntry(BaseModel):
    """What an AuditEvent says, and where it stands: line ``seq`` of ``slot``, one of the gateways' chains.

    ``problem``: why the line is not to be believed. One that cannot be read at all says nothing else.
    """

    model_config = ConfigDict(protected_namespaces=(), json_schema_serialization_defaults_required=True)

    slot: int
    seq: int | None = None
    hash: str | None = None
    problem: str | None = None
    time: datetime | None = None
    action: Action | None = None
    outcome: str | None = Field(default=None, description="`ok`, or the code of the error")
    subject: str | None = Field(default=None, description="opaque id of the account")
    role: str | None = None
    method: Method | None = None
    key_id: str | None = None
    client: str | None = None
    request_id: str | None = None
    model: str | None = None
    model_version: str | None = None
    decision: str | None = None
    result: str | None = None
    confidence: float | None = None
    cached: bool | None = None
    input: str | None = None
    target: str | None = None
    detail: dict[str, str] | None = None


class AuditPage(BaseModel):
    """Newest first. ``next``: what to give as ``before`` for older ones; null when there are none.

    A page may hold fewer entries than were asked for, even none, and have a ``next``: so much is read for one answer.
    """

    entries: list[AuditEntry]
    next: str | None
