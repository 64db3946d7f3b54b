"""Which models a picture may be for: each model's own gate is asked how strange the picture is to it.

The scores of two gates can be compared: each is scaled so that the usual picture of its own kind gets the same one
(`training.gate.fit`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from gateway.predictions import Predictions
from gateway.routing.upstream import Upstream
from gateway.settings import SERVICES
from shared.contract import OodScore, Suggestion, Suggestions
from shared.errors import (
    DeadlineExceeded,
    DoctorAIError,
    InvalidImage,
    ModelUnavailable,
    NotFound,
    PayloadTooLarge,
    UnsupportedFormat,
)
from shared.http.context import request_id
from shared.http.deadline import Deadline

_PATIENCE_S = 5.0
"""What one model is waited for: a suggestion is worth no more, and the others' must not wait for it."""
_OF_THE_PICTURE = (InvalidImage, PayloadTooLarge, UnsupportedFormat)
"""What a service finds when it reads a picture, whichever model it has."""
Found = OodScore | DoctorAIError


class Suggester:
    """Asks services at once. What they answer is no prediction, and is counted as none."""

    def __init__(self, upstream: Upstream, predictions: Predictions) -> None:
        self._upstream = upstream
        self._predictions = predictions

    async def suggest(self, models: Collection[tuple[str, str]], picture: bytes, deadline: Deadline) -> Suggestions:
        """``models``: service and model of those that may be asked.

        Raises what is wrong with the picture, and ModelUnavailable or DeadlineExceeded when none answered.
        """
        deadline.check()
        soon = Deadline(min(deadline.left, _PATIENCE_S))
        answers = await asyncio.gather(*(self._ask(service, picture, soon) for service, _ in models))
        scores = [answer for answer in answers if isinstance(answer, OodScore)]
        unavailable = [
            model for (service, model), answer in zip(models, answers, strict=True) if _is_away(service, answer)
        ]
        _check(answers, scores, deadline)
        return Suggestions(
            request_id=request_id(),
            suggestions=[_suggestion(score) for score in sorted(scores, key=_strangeness)],
            unavailable=sorted(unavailable),
            timestamp=datetime.now(UTC),
        )

    async def _ask(self, service: str, picture: bytes, deadline: Deadline) -> Found:
        try:
            async with self._predictions.places(service).take(deadline):
                return await self._upstream.ood_score(service, picture, deadline)
        except DoctorAIError as error:
            return error


def _check(answers: Sequence[Found], scores: Sequence[OodScore], deadline: Deadline) -> None:
    for answer in answers:
        if isinstance(answer, _OF_THE_PICTURE):
            raise answer
    if scores:
        return
    if deadline.left <= 0 and any(isinstance(answer, DeadlineExceeded) for answer in answers):
        raise deadline.error()
    raise ModelUnavailable("No model can be asked about a picture at the moment.", headers={"Retry-After": "2"})


def _is_away(service: str, answer: Found) -> bool:
    # one of this release without this call is older; another one takes no pictures
    return isinstance(answer, DoctorAIError) and (service in SERVICES or not isinstance(answer, NotFound))


def _strangeness(score: OodScore) -> tuple[float, str]:
    """What has no gate comes last: nothing is known of it."""
    return (2.0 if score.ood_score is None else score.ood_score, score.model)


def _suggestion(score: OodScore) -> Suggestion:
    shown = None if score.ood_score is None else round(score.ood_score, 4)
    return Suggestion(model=score.model, ood_score=shown, plausible=score.plausible)
