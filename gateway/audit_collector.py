"""How the audit log does, read at each scrape."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.audit import AuditLog
from gateway.audit_check import AuditCheck


class AuditCollector(Collector):
    """What is not known has no sample: the chain before its first check."""

    def __init__(self, log: AuditLog, check: AuditCheck) -> None:
        self._log = log
        self._check = check

    def collect(self) -> Iterator[Metric]:
        log = self._log
        yield GaugeMetricFamily("audit_pending_events", "Events that are not on the disk yet", value=log.pending)
        yield GaugeMetricFamily("audit_lag_seconds", "Age of the oldest of them", value=log.lag_s)
        failing = float(bool(log.failing))
        yield GaugeMetricFamily("audit_failing", "1 while the audit log cannot be written", value=failing)
        yield CounterMetricFamily("audit_events_lost", "Events that there was no room for", value=log.lost)
        yield from self._chain()

    def _chain(self) -> Iterator[Metric]:
        intact = GaugeMetricFamily("audit_chain_intact", "1 when the last check found nothing changed or missing")
        checked = GaugeMetricFamily("audit_chain_checked_timestamp_seconds", "When that check ended")
        if found := self._check.found:
            intact.add_metric([], float(found.intact))
            checked.add_metric([], found.at)
        yield intact
        yield checked
