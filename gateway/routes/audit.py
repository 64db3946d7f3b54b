"""The audit log, for administrators: what is in it, and whether it is whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.audit_entry import AuditPage
from gateway.audit_reader import CURSOR
from gateway.audit_report import AuditChecked
from gateway.policy import needs
from gateway.state import state_of
from shared.audit.asked import Asked
from shared.audit.event import LONGEST, Action
from shared.errors import Conflict, ValidationFailed
from shared.http.document import refusals

router = APIRouter(prefix="/api/audit", tags=["audit"])
Since = Annotated[datetime | None, Query(description="only from this time on; UTC without a zone")]
Until = Annotated[datetime | None, Query(description="only before this time; UTC without a zone")]
OneAction = Annotated[Action | None, Query(description="only what was this")]
Outcome = Annotated[
    str | None,
    Query(description="only what came out like this: `ok`, or an error's code", pattern=r"^(ok|[A-Z][A-Z0-9_]{0,63})$"),
]
Subject = Annotated[str | None, Query(description="only of this account, its opaque id", max_length=LONGEST)]
Model = Annotated[str | None, Query(description="only of this model", max_length=LONGEST)]
RequestId = Annotated[str | None, Query(description="only this request", max_length=LONGEST)]
Limit = Annotated[int, Query(description="entries of one answer", ge=1, le=500)]
Before = Annotated[str | None, Query(description="the `next` of an earlier answer", max_length=4096, pattern=CURSOR)]
_FIRST, _LAST = 1971, 9998


@router.get("", summary="The audit log, newest first", **needs("admin"))
async def entries(
    request: Request,
    since: Since = None,
    until: Until = None,
    action: OneAction = None,
    outcome: Outcome = None,
    subject: Subject = None,
    model: Model = None,
    request_id: RequestId = None,
    limit: Limit = 100,
    before: Before = None,
) -> AuditPage:
    """The lines of all gateways that share the log. Whoever reads it is written into it: `audit_read`.

    A line that is damaged or was changed is there with its ``problem``. One answer reads at most 16 MB (about 30,000
    lines): with a filter that fits few lines it may hold few, or none, and ``next`` goes on.
    """
    state = state_of(request)
    asked = Asked(
        since=_utc("since", since),
        until=_utc("until", until),
        action=action,
        outcome=outcome,
        subject=subject,
        model=state.monitor.known.get(model, model) if model else None,  # a service's name means its model
        request_id=request_id,
    )
    with state.trail.entry(request, "audit_read", model=asked.model, target=subject):
        return await state.audit_reader.page(asked, limit, before)


@router.get("/check", summary="What the last check of the audit log found", **needs("admin"))
async def checked(request: Request) -> AuditChecked:
    """Whichever gateway made it. Each gateway's own log says more: `audit_log_not_intact`, `audit_check_failed`."""
    return await state_of(request).audit_check.told()


@router.post("/check", summary="Check the audit log now", status_code=202, **needs("admin", responses=refusals(409)))
async def check(request: Request) -> AuditChecked:
    """Begins a check unless one is running; `GET` tells what it found. 409 without a `SECRET_KEY`. It is
    written into the log: `audit_check`."""
    state = state_of(request)
    found = state.audit_check
    with state.trail.entry(request, "audit_check"):
        if not found.possible:
            raise Conflict("Without SECRET_KEY each start has another key: the log cannot be checked.")
        found.begin()
    return await found.told()


def _utc(name: str, time: datetime | None) -> datetime | None:
    """Raises ValidationFailed for a time at the calendar's ends."""
    if time is None:
        return None
    if not _FIRST <= time.year <= _LAST:
        raise ValidationFailed(f"query.{name}: a year from {_FIRST} to {_LAST} is wanted.")
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
