"""What fires, and how busy the models are, for whoever has signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gateway.activity import Activity
from gateway.alerts import Alerts
from gateway.policy import needs
from gateway.state import state_of

router = APIRouter(tags=["system"])


@router.get("/api/alerts", summary="What fires at the moment", **needs("viewer"))
async def alerts(request: Request) -> Alerts:
    """As Alertmanager has it, at most five seconds old. That it does not answer is an answer."""
    return await state_of(request).alerts.alerts()


@router.get("/api/activity", summary="The last hour, minute by minute", **needs("viewer"))
async def activity(request: Request) -> Activity:
    """Requests to each model, errors and response times, of this gateway process since it started. A minute's times are
    estimated from histograms, as Prometheus does. The last minute is not over yet."""
    state = state_of(request)
    return state.activity.activity(state.monitor.known.values())
