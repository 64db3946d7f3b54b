"""Small logs to look at and to damage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.audit.event import AuditEvent
from shared.audit.keys import audit_keys
from shared.audit.report import Report
from shared.audit.store import Store
from shared.audit.verify import verify

SECRET = "0123456789abcdef0123456789abcdef"
KEYS = audit_keys(SECRET)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class FakeClock:
    """Stands still until it is told."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


def event(clock: FakeClock, number: int = 0, **fields: Any) -> AuditEvent:
    said = {"action": "predict", "outcome": "ok", "request_id": f"r{number}", "model": "xray", "confidence": 0.5}
    return AuditEvent.model_validate({"time": clock(), **said, **fields})


def open_store(folder: Path, clock: FakeClock, keys: Mapping[str, bytes] = KEYS, days: int = 30) -> Store:
    store = Store(folder, keys, days, clock)
    store.settle()
    return store


def write(store: Store, clock: FakeClock, count: int = 3) -> None:
    store.write([event(clock, number) for number in range(count)])
    store.settle()


def write_log(folder: Path, days: int = 2, a_day: int = 4, start: datetime = NOON) -> FakeClock:
    """A sound log of one slot: ``days`` files of ``a_day`` lines."""
    clock = FakeClock(start)
    store = open_store(folder, clock)
    for _ in range(days):
        write(store, clock, a_day)
        clock.forward(days=1)
    store.close()
    return clock


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.jsonl"))


def lines(folder: Path, slot: int = 1) -> list[dict[str, Any]]:
    found = sorted(folder.glob(f"audit-{slot}-*.jsonl"))
    return [json.loads(raw) for path in found for raw in path.read_bytes().splitlines()]


def events(folder: Path, action: str, slot: int = 1) -> list[dict[str, str]]:
    """The details of the events ``action``."""
    return [line["event"]["detail"] for line in lines(folder, slot) if line["event"]["action"] == action]


def check(folder: Path, keys: Mapping[str, bytes] = KEYS) -> Report:
    return verify(folder, keys, patience_s=0)


def problems(folder: Path, keys: Mapping[str, bytes] = KEYS) -> list[str]:
    return [f"{found.file}:{found.line} {found.what}" for found in check(folder, keys).problems]
