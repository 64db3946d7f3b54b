"""Feedback made up for tests, and the lines that lie on the disk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.feedback.record import Feedback

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


def feedback(**changes: Any) -> Feedback:
    values: dict[str, Any] = {
        "time": NOON,
        "user": "u-1",
        "request_id": "request-1",
        "model": "xray",
        "model_version": "1.0.0",
        "model_digest": "ab" * 32,
        "result": "normal",
        "decision": "predicted",
        "confidence": 0.9,
        "predicted": NOON,
        "verdict": "agree",
        "label": None,
        "has_note": False,
    }
    return Feedback(**{**values, **changes})


def on_disk(folder: Path) -> list[dict[str, Any]]:
    """All lines, as they are."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


def told(chunks: Iterable[bytes]) -> list[dict[str, Any]]:
    """The records of an export."""
    return [json.loads(line) for line in b"".join(chunks).splitlines()]


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
