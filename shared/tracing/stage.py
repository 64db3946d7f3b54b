"""A part of the work on a request, timed where it was done: on a worker thread, which knows no request."""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """From ``began`` to ``ended``, in seconds of ``time.perf_counter``."""

    name: str
    began: float
    ended: float

    @property
    def ms(self) -> float:
        return (self.ended - self.began) * 1000
