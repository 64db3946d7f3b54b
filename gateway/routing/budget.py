"""Bounds retries to a share of the requests, so that a failing service is not asked twice as much as a sound one."""

from __future__ import annotations

import time

_RATIO = 0.2
_PER_SECOND = 2.0
_LARGEST = 50.0


class RetryBudget:
    """Every request pays in a fifth of a retry; two a second are free, so that little traffic has some, too."""

    def __init__(self) -> None:
        self._balance = _LARGEST / 2
        self._at = time.monotonic()

    def deposit(self) -> None:
        """A request came in."""
        self._balance = min(_LARGEST, self._balance + _RATIO)

    def withdraw(self) -> bool:
        """Pays for a retry; False when that cannot be afforded."""
        now = time.monotonic()
        self._balance = min(_LARGEST, self._balance + (now - self._at) * _PER_SECOND)
        self._at = now
        if self._balance < 1:
            return False
        self._balance -= 1
        return True
