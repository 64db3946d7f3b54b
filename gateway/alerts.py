"""What fires at the moment, as Alertmanager has it: asked at most every five seconds, whoever looks."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from shared.logs import get_logger

_log = get_logger(__name__)
_WITHIN_S = 2.0
_FRESH_S = 5.0
_MOST = 100
_LARGEST = 4 << 20
"""Bytes of an answer; a thousand alerts are about one million."""
_NAME, _TEXT, _LINK = 128, 1000, 2048
"""Characters."""
_PATH = "/api/v2/alerts"
_ASKED = {"active": "true", "silenced": "true", "inhibited": "false"}
_WORST = ("critical", "warning", "info")


class Alert(BaseModel):
    """``severity``: `critical`, `warning`, `info`, `none`, or what a rule of somebody else's calls it."""

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


class _Status(BaseModel):
    silencedBy: list[str] = []  # noqa: N815 - Alertmanager's word


class _Told(BaseModel):
    """An alert in Alertmanager's words."""

    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: AwareDatetime  # noqa: N815 - Alertmanager's word
    status: _Status = _Status()


_all_told = TypeAdapter(list[_Told])


class AlertsBoard:
    """``url``: of Alertmanager, with its path and a name and password where it has them; None: there is none."""

    def __init__(self, client: httpx.AsyncClient, url: str | None) -> None:
        self._client = client
        self._url = url.rstrip("/") + _PATH if url else None
        self._asking = asyncio.Lock()
        self._known: Alerts | None = None
        self._asked_at = 0.0

    async def alerts(self) -> Alerts:
        """At most five seconds old; so is that it did not answer."""
        if self._url is None:
            return Alerts(configured=False, reachable=None, alerts=[])
        async with self._asking:  # who comes while it is asked takes the same answer
            if self._known is None or time.monotonic() - self._asked_at >= _FRESH_S:
                self._known = await self._ask(self._url)
                self._asked_at = time.monotonic()
            return self._known

    async def _ask(self, url: str) -> Alerts:
        try:
            async with asyncio.timeout(_WITHIN_S):
                body = await self._read(url)
            told = await asyncio.to_thread(_all_told.validate_json, body)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            self._note(error)
            return Alerts(configured=True, reachable=False, alerts=[])
        return Alerts(configured=True, reachable=True, alerts=_worst_first(told)[:_MOST])

    async def _read(self, url: str) -> bytes:
        """The body, as it came: what is packed might be a thousand times as large."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with self._client.stream("GET", url, params=_ASKED, headers=headers, timeout=_WITHIN_S) as answer:
            answer.raise_for_status()
            body = bytearray()
            async for part in answer.aiter_raw():
                body += part
                if len(body) > _LARGEST:
                    raise ValueError(f"more than {_LARGEST:,} bytes")
        return bytes(body)

    def _note(self, error: Exception) -> None:
        """Once, not for each look. An error's own words may have the address, and with it a password, in it."""
        if self._known is None or self._known.reachable:
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
            _log.warning("alertmanager_not_reachable", error=type(error).__name__, status=status)


def _worst_first(told: list[_Told]) -> list[Alert]:
    found = sorted((_alert(one) for one in told), key=lambda alert: alert.since, reverse=True)
    return sorted(found, key=lambda alert: _WORST.index(alert.severity) if alert.severity in _WORST else len(_WORST))


def _alert(told: _Told) -> Alert:
    labels, texts = told.labels, told.annotations
    return Alert(
        name=labels.get("alertname", "")[:_NAME],
        severity=labels.get("severity", "none")[:_NAME],
        summary=texts.get("summary", "")[:_TEXT],
        description=texts.get("description", "")[:_TEXT],
        model=labels["model"][:_NAME] if labels.get("model") else None,
        since=told.startsAt,
        silenced=bool(told.status.silencedBy),
        runbook=_link(texts.get("runbook_url", "")),
        dashboard=_link(texts.get("dashboard", "")),
    )


def _link(text: str) -> str | None:
    """``text`` when it is one that a page may show."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.hostname and len(text) <= _LINK else None
