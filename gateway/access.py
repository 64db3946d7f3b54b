"""The access log: one line for each request, by the gateway alone. Who asked, and for whom, is the audit log's."""

from __future__ import annotations

import logging

from gateway.gate import HEALTH
from shared.logs import tell
from shared.tracing.trace import current

_log = logging.getLogger(__name__)


def log_access(path: str, method: str, route: str, status: int, sent: int, took_s: float) -> None:
    """Neither addresses, users, paths nor queries are written; ``path`` only tells how much the line matters."""
    # orchestrators and scrapers ask every few seconds
    level = logging.DEBUG if path in HEALTH else logging.INFO
    if not _log.isEnabledFor(level):
        return
    fields = {"method": method, "route": route, "status": status, "duration_ms": round(took_s * 1000, 2), "bytes": sent}
    trace = current()
    if trace and trace.model:
        fields["model"] = trace.model
    tell(_log, level, "request", fields)
