"""Keeps the number of a metric's series bounded while versions come and go."""

from __future__ import annotations

from collections.abc import Callable

MOST = 16
"""Versions that series are kept of: many more than are served at once."""


class RecentVersions:
    """The versions that were counted last. ``forget`` is told of one that has not been for the longest time."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        self._forget = forget
        self._known: dict[str, None] = {}  # the one counted last is the last

    def see(self, version: str) -> None:
        """Before ``version`` is counted."""
        self._known.pop(version, None)
        self._known[version] = None
        if len(self._known) > MOST:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._forget(oldest)
