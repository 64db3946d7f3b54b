"""The answer to an error. Refusals are counted here and nowhere else, so that none is counted twice."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response

from gateway.metrics import GatewayMetrics
from shared.errors import DoctorAIError
from shared.http.problems import problem

Refuse = Callable[[DoctorAIError], Response]


def refuse(metrics: GatewayMetrics, error: DoctorAIError) -> Response:
    """The problem document of ``error``, which is counted if it is a refusal."""
    metrics.refused(error)
    return problem(error)


def install_refusals(app: FastAPI, answer: Refuse) -> None:
    """Makes the routes of ``app`` answer our errors with ``answer``. Comes after the other handlers."""

    async def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, DoctorAIError)  # noqa: S101 - registered for that class alone
        return answer(error)

    app.add_exception_handler(DoctorAIError, handle)
