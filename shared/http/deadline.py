"""The deadline: it travels with the request as the milliseconds that are left."""

from __future__ import annotations

import time

from starlette.requests import Request

from shared.errors import DeadlineExceeded, ValidationFailed
from shared.http.numbers import whole_number

HEADER = "X-Request-Timeout-Ms"


class Deadline:
    """A moment on this process's monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds
        self.seconds = seconds

    @property
    def left(self) -> float:
        """Seconds left; negative when it has passed."""
        return self._at - time.monotonic()

    def check(self) -> None:
        """Raises DeadlineExceeded when it has passed."""
        if self.left <= 0:
            raise self.error()

    def error(self) -> DeadlineExceeded:
        return DeadlineExceeded(f"No answer within the deadline of {self.seconds * 1000:.0f} ms.")


def request_deadline(request: Request, longest_s: float) -> Deadline:
    """The caller's deadline, never later than ``longest_s`` from now."""
    given = request.headers.get(HEADER)
    if given is None:
        return Deadline(longest_s)
    milliseconds = whole_number(given)
    if not milliseconds:
        raise ValidationFailed(f"header.{HEADER}: a whole number of milliseconds above zero is wanted.")
    return Deadline(min(milliseconds / 1000, longest_s))
