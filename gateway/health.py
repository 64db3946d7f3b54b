"""The system's health as one document: what ``GET /api/health`` answers, and what is kept in Redis."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import psutil
from pydantic import BaseModel

from gateway.routing.fleet import Fleet, Member
from shared.registry import Instance
from shared.version import VERSION

_STARTED = time.monotonic()


class RedisHealth(BaseModel):
    status: Literal["up", "degraded", "down"]
    latency_ms: float | None = None
    reason: str | None = None


class AuditHealth(BaseModel):
    """``down``: events wait in memory until the log can be written again."""

    status: Literal["up", "down"] = "up"
    reason: str | None = None


class Dependencies(BaseModel):
    redis: RedisHealth
    audit: AuditHealth = AuditHealth()


class SystemUsage(BaseModel):
    """Of the machine, or container, that the gateway runs in. ``load``: 1, 5 and 15 minutes."""

    cpu_percent: float
    memory_percent: float
    disk_percent: float
    load: tuple[float, float, float]


class ServiceHealth(BaseModel):
    """``model``: the one that it serves, or would if it had an instance."""

    model: str
    ready: bool
    reason: str | None
    instances: list[Instance]


class Health(BaseModel):
    """``uptime`` in seconds, of the gateway that took this snapshot."""

    status: Literal["healthy", "degraded", "unhealthy"]
    timestamp: datetime
    version: str
    uptime: float
    models: dict[str, bool]
    dependencies: Dependencies
    system: SystemUsage
    services: dict[str, ServiceHealth]
    summary: str
    disclaimer: str = "For education and research only."

    def with_audit_failing(self, reason: str) -> Health:
        """The same, told by a gateway whose own audit log cannot be written."""
        audit = AuditHealth(status="down", reason=reason)
        update = {"dependencies": self.dependencies.model_copy(update={"audit": audit})}
        return self.model_copy(update=update | ({"status": "degraded"} if self.status == "healthy" else {}))


def build_health(fleet: Fleet, known: Mapping[str, str], redis: RedisHealth, audit_failing: str | None) -> Health:
    """``known``: service → model, all that the system should have."""
    audit = AuditHealth(status="down", reason=audit_failing) if audit_failing else AuditHealth()
    dependencies = Dependencies(redis=redis, audit=audit)
    services = {service: service_health(model, fleet.of(service)) for service, model in known.items()}
    models = {model: services[service].ready for service, model in known.items()}
    available = sum(models.values())
    return Health(
        status=_status(available, len(models), dependencies),
        timestamp=datetime.now(UTC),
        version=VERSION,
        uptime=round(time.monotonic() - _STARTED, 1),
        models=models,
        dependencies=dependencies,
        system=_usage(),
        services=services,
        summary=f"{available}/{len(models)} models available",
    )


def _status(available: int, wanted: int, needed: Dependencies) -> Literal["healthy", "degraded", "unhealthy"]:
    if available == 0:
        return "unhealthy"
    well = needed.redis.status == "up" and needed.audit.status == "up"
    return "healthy" if available == wanted and well else "degraded"


def service_health(model: str, members: list[Member]) -> ServiceHealth:
    """Whether any of ``members`` can be asked, and if not, why."""
    ready = any(member.usable for member in members)
    reasons = [member.reason for member in members if member.reason]
    reason = reasons[0] if reasons else "no instance has announced itself"
    return ServiceHealth(
        model=model,
        ready=ready,
        reason=None if ready else reason,
        instances=[_as_seen(member) for member in members],
    )


def _as_seen(member: Member) -> Instance:
    return member.instance.model_copy(update={"ready": member.usable, "reason": member.reason})


def _usage() -> SystemUsage:
    return SystemUsage(
        cpu_percent=psutil.cpu_percent(interval=None),
        memory_percent=psutil.virtual_memory().percent,
        disk_percent=psutil.disk_usage(os.getcwd()).percent,
        load=os.getloadavg(),
    )
