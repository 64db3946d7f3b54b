"""What fires at the moment, as Alertmanager has it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class Alert(BaseModel):
    """``severity``: `critical`, `warning`, `info`, `none`, or what another rule calls it."""

    name: str
    severity: str
    summary: str
    description: str
    model: str | None
    since: datetime
    silenced: bool
    runbook: str | None
    dashboard: str | None


class Alerts(BaseModel):
    """The worst first, at most a hundred; those that another one explains are left out."""

    configured: bool = Field(description="false: ALERTMANAGER_API_URL is not set")
    reachable: bool | None = Field(description="whether Alertmanager answered; null when it is not configured")
    alerts: list[Alert]
