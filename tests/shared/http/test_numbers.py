"""A JSON array of numbers, and nothing that only looks like one."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from shared.errors import ValidationFailed
from shared.http.numbers import is_json, read_numbers, whole_number


def request(body: bytes, content_type: str = "application/json") -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "headers": [(b"content-type", content_type.encode())]}, receive)


@pytest.mark.parametrize(
    ("body", "values"), [(b"[0.5, 1, -2e-3]", [0.5, 1.0, -0.002]), (b" [] ", []), (b"[1e308]", [1e308])]
)
async def test_numbers(body: bytes, values: list[float]) -> None:
    got = await read_numbers(request(body))
    assert got == values
    assert all(type(value) is float for value in got)


BAD = {
    "nothing": b"",
    "no JSON": b"0.1, 0.2",
    "an object": b'{"r": 0.1}',
    "one number": b"0.5",
    "a string": b'["0.5"]',
    "booleans": b"[true, false, 0.5]",
    "null": b"[null]",
    "nested": b"[[0.5]]",
    "nested without end": b"[" * 100_000,
    "nested and closed": b"[" * 100_000 + b"]" * 100_000,
    "NaN": b"[NaN]",
    "Infinity": b"[0.1, Infinity]",
    "minus Infinity": b"[-Infinity]",
    "too large a whole number": b"[1" + b"0" * 400 + b"]",
    "too many digits": b"[" + b"1" * 5000 + b"]",
    "bytes that are no text": b"[\xff]",
    "cut short": b"[0.1, 0.2",
    "two arrays": b"[0.1] [0.2]",
}


@pytest.mark.parametrize("name", BAD)
async def test_anything_else_is_a_validation_error(name: str) -> None:
    with pytest.raises(ValidationFailed, match="body: "):
        await read_numbers(request(BAD[name]))


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/jsonp", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_is_json(content_type: str, expected: bool) -> None:
    assert is_json(request(b"", content_type)) is expected


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("42", 42), ("", None), ("-1", None), ("²", None), ("٣", None), ("9" * 16, None)]
)
def test_whole_number(text: str, number: int | None) -> None:
    assert whole_number(text) == number
