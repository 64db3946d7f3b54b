"""What users say of the predictions that they got, and all of it for administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from gateway import examples
from gateway.feedback.receipt import Receipt
from gateway.feedback.record import Feedback, Given, feedback_of
from gateway.policy import SignedIn, needs
from gateway.state import state_of
from shared.audit.event import utc_now
from shared.errors import NotFound, ValidationFailed

router = APIRouter(tags=["feedback"])
OTHER = "other"
"""What is right when none of the model's labels is."""
Predicted = Annotated[str, Path(description="the `request_id` of the prediction")]
Model = Annotated[str | None, Query(description="only of this model", max_length=256)]
Since = Annotated[datetime | None, Query(description="only what was given from this time on; UTC without a zone")]
Notes = Annotated[bool, Query(description="with the notes, which may tell of patients")]


class _Ndjson(StreamingResponse):
    media_type = "application/x-ndjson"


@router.post(
    "/api/predictions/{request_id}/feedback",
    summary="Say whether a prediction was right",
    status_code=201,
    **needs("clinician"),
)
async def give(request: Request, request_id: Predicted, given: Given, caller: SignedIn) -> Feedback:
    """For whoever got the prediction, within `FEEDBACK_DAYS` (30). What is said last of one prediction counts.

    The answer is what is kept, but for the note. 404 for a prediction of somebody else, as for one that there is not.
    """
    state = state_of(request)
    with state.trail.entry(request, "feedback", decision=given.verdict) as entry:
        receipt = await state.receipts.find(caller.id, request_id)
        if receipt is None:
            raise NotFound("You got no prediction with this request id, or too long ago.")
        entry.note(model=receipt.model, model_version=receipt.model_version, target=receipt.request_id)
        label = _label(given, receipt)
        entry.note(result=label)
        said = feedback_of(receipt, given, label, utc_now())
        await state.feedback.add(said, given.note)
    state.metrics.feedback.labels(receipt.model, given.verdict).inc()
    return said


@router.get(
    "/api/feedback",
    summary="All feedback, as JSON lines",
    response_class=_Ndjson,
    **needs("admin", responses=examples.FEEDBACK_LINES),
)
async def export(request: Request, model: Model = None, since: Since = None, notes: Notes = False) -> _Ndjson:
    """Of each user's words on each prediction the last, in the order of their times, one a line."""
    state = state_of(request)
    model = state.monitor.known.get(model, model) if model else None  # a service's name means its model
    with state.trail.entry(request, "feedback_export", model=model, decision="with_notes" if notes else None):
        return _Ndjson(await state.feedback.export(model, _utc(since), notes=notes))


def _label(given: Given, receipt: Receipt) -> str | None:
    """What the user says is right. Raises ValidationFailed naming what may be said."""
    if given.verdict != "disagree":
        if given.label is not None:
            raise ValidationFailed("body.label: only with the verdict disagree.")
        return None
    choices = [label for label in dict.fromkeys((*receipt.labels, OTHER)) if label != receipt.result]
    if given.label not in choices:
        detail = f"body.label: with the verdict disagree one of these is wanted: {', '.join(choices)}."
        raise ValidationFailed(detail, extra={"labels": choices})
    return given.label


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time
