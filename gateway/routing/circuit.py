"""A circuit breaker for one instance: it answers probes, yet what is asked of it fails.

Ours, because each call may end in three ways: a success, a fault of the instance, or neither (the caller left).
"""

from __future__ import annotations

import time
from typing import Literal

_THRESHOLD = 5
_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
State = Literal["closed", "open", "half_open"]


class Circuit:
    """Opens after five faults in a row; then one trial after a pause, which doubles with each trial that fails."""

    def __init__(self) -> None:
        self._faults = 0
        self._pause_s = _PAUSE_S
        self._opened = 0.0
        self._trial = False

    @property
    def state(self) -> State:
        if self._faults < _THRESHOLD:
            return "closed"
        return "open" if time.monotonic() - self._opened < self._pause_s else "half_open"

    @property
    def allows(self) -> bool:
        """True when a call may be sent: always while closed, one at a time while half open."""
        return self.state == "closed" or (self.state == "half_open" and not self._trial)

    def begin(self) -> None:
        """A call is sent."""
        self._trial = self.state != "closed"

    def succeeded(self) -> None:
        self._faults, self._pause_s, self._trial = 0, _PAUSE_S, False

    def failed(self) -> None:
        self._faults += 1
        self._trial = False
        if self._faults > _THRESHOLD:
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
        if self._faults >= _THRESHOLD:
            self._opened = time.monotonic()

    def abandoned(self) -> None:
        """The call ended without telling anything of the instance."""
        self._trial = False
