from __future__ import annotations

import pytest

from shared.tracing.traceparent import Parent, header_of, parent_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def read(*values: str) -> Parent | None:
    return parent_of({"headers": [(b"traceparent", value.encode()) for value in values]})


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True)])
def test_it_is_read(flags: str, sampled: bool) -> None:
    assert read(f"00-{TRACE}-{SPAN}-{flags}") == Parent(TRACE, SPAN, sampled)


def test_a_later_version_may_say_more() -> None:
    assert read(f"01-{TRACE}-{SPAN}-01-more") == Parent(TRACE, SPAN, True)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f" 00-{TRACE}-{SPAN}-01",
    ],
)
def test_a_malformed_one_is_as_good_as_none(value: str) -> None:
    assert read(value) is None


def test_of_several_none_counts() -> None:
    assert read(f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01") is None


def test_what_is_written_can_be_read() -> None:
    assert read(header_of(TRACE, SPAN, sampled=True)) == Parent(TRACE, SPAN, True)
