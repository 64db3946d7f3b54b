"""What may hang when it is read, a disk or a driver, read where nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_PATIENCE_S = 0.05
_LASTS_S = 60.0


class Background(Generic[T]):
    """The latest answer of ``read``, which gives None for nothing and must not raise.

    Each reading has a thread of its own that ends with it. While one hangs there is no second.
    """

    def __init__(self, name: str, read: Callable[[], T | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way: threading.Thread | None = None
        self._waited_for = False
        self._latest: tuple[float, T | None] = (0.0, None)

    def refresh(self) -> None:
        """Begins a reading, if none is under way."""
        with self._lock:
            if self._under_way is None:
                self._waited_for = False
                self._under_way = threading.Thread(target=self._run, name=f"usage-{self._name}", daemon=True)
                self._under_way.start()

    def latest(self) -> T | None:
        """At once, or nearly: only a reading that has just begun is waited for, a moment. None when it is too old."""
        under_way = self._under_way
        if under_way and not self._waited_for:
            under_way.join(_PATIENCE_S)
            self._waited_for = True
        at, value = self._latest
        return value if self._clock() - at <= _LASTS_S else None

    def _run(self) -> None:
        began = self._clock()
        try:
            self._latest = (began, self._read())
        finally:
            self._under_way = None
