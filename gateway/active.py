"""How many people and machines use the gateway at the moment. A number: who they are stays here, and is forgotten."""

from __future__ import annotations

import time

_ACTIVE_S = 15 * 60.0
_MOST = 100_000


class ActiveCallers:
    """Those who sent a request within the last 15 minutes, the most recent last."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def saw(self, caller: str) -> None:
        """A request of ``caller``, by the opaque id."""
        self._seen.pop(caller, None)
        if len(self._seen) >= _MOST:
            del self._seen[next(iter(self._seen))]
        self._seen[caller] = time.monotonic()

    def count(self) -> int:
        """How many there are; those of longer ago are forgotten."""
        before = time.monotonic() - _ACTIVE_S
        while self._seen and self._seen[oldest := next(iter(self._seen))] <= before:
            del self._seen[oldest]
        return len(self._seen)
