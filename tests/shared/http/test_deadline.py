"""The caller's deadline: read, bounded, kept."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from shared.errors import DeadlineExceeded, ValidationFailed
from shared.http.deadline import HEADER, Deadline, request_deadline


def request(value: str | None) -> Request:
    headers = [] if value is None else [(HEADER.lower().encode(), value.encode("latin-1"))]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("given", "seconds"), [(None, 30.0), ("1", 0.001), ("1500", 1.5), ("30001", 30.0), ("9" * 15, 30.0), ("007", 0.007)]
)
def test_the_header_is_milliseconds_and_never_later_than_the_longest(given: str | None, seconds: float) -> None:
    deadline = request_deadline(request(given), 30.0)
    assert deadline.seconds == seconds
    assert deadline.left <= seconds


@pytest.mark.parametrize("given", ["", "0", "-5", "1.5", "soon", "1e3", " 5", "²", "٣", "9" * 400, "9" * 5000, "NaN"])
def test_a_header_that_is_no_whole_number_above_zero_is_refused(given: str) -> None:
    header = given.encode("utf-8").decode("latin-1")
    with pytest.raises(ValidationFailed, match=f"header.{HEADER}"):
        request_deadline(request(header), 30.0)


def test_superscript_digits_are_no_digits() -> None:
    with pytest.raises(ValidationFailed):  # one byte in a header, and "²".isdigit() is true
        request_deadline(request("²"), 30.0)


def test_a_deadline_that_passed_says_what_it_was() -> None:
    Deadline(60).check()
    passed = Deadline(-0.25)
    assert passed.left < 0
    with pytest.raises(DeadlineExceeded, match="-250 ms"):
        passed.check()
