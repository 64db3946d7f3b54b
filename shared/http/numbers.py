"""Reads a JSON array of numbers: the original system's contract for the palm model."""

from __future__ import annotations

import json
from typing import NoReturn

from starlette.requests import Request

from shared.errors import ValidationFailed


def whole_number(text: str) -> int | None:
    """``text`` as a whole number of at most 15 ASCII digits; None for anything else (``"²".isdigit()`` is true)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def is_json(request: Request) -> bool:
    """True when the caller says that the body is JSON."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


async def read_numbers(request: Request) -> list[float]:
    """The body's numbers. Raises ValidationFailed for anything else, also for NaN and booleans."""
    try:
        values = json.loads(await request.body(), parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise ValidationFailed("body: not valid JSON.") from error
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise ValidationFailed("body: a JSON array of numbers is wanted.")
    try:
        return [float(value) for value in values]
    except OverflowError as error:
        raise ValidationFailed("body: a number is too large.") from error


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
